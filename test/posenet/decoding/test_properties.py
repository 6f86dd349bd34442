"""Properties that the decoders have for any heads."""

from hypothesis import given
from hypothesis import strategies as st
from made_heads import heads_of, standing_person
import numpy as np
import pytest
from sequential_decoder import SequentialDecoder

from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses, MAX_EXAMINED
from posenet_ros.posenet.decoding.root_candidates import find_root_candidates
from posenet_ros.posenet.decoding.single_pose import decode_single_pose
from posenet_ros.posenet.heads import CHANNELS, Heads
from posenet_ros.poses import Pose

# How many candidates multi_pose.py decodes together, and how many it compares together.
BLOCK, COMPARED = 64, 512

# Heads are generated from a seed, because only their size needs to shrink, not their values.
HEADS = st.builds(
    lambda *arguments: random_heads(*arguments),
    st.integers(1, 12),
    st.integers(1, 12),
    st.sampled_from([8, 16, 32]),
    st.sampled_from([0.0, 1.0, 30.0, 1e3, 1e30]),
    st.sampled_from([2, 10, 1000]),
    st.integers(0, 2**32 - 1),
)
LIMITS = st.integers(1, 50)
THRESHOLDS = st.floats(0.0, 1.0)
RADII = st.floats(1.0, 200.0)


def random_heads(
    rows: int, columns: int, stride: int, reach: float, levels: int, seed: int
) -> Heads:
    """Return random heads; `levels` is the number of different scores, `reach` is in pixels."""
    random = np.random.default_rng(seed)
    scores = random.integers(0, levels + 1, (17, rows, columns)) / np.float32(levels)
    vectors = {
        name: np.asarray(random.normal(0, 1, (channels, rows, columns)) * reach, np.float32)
        for name, channels in CHANNELS.items()
        if name != 'heatmap_scores'
    }
    return Heads(np.asarray(scores, np.float32), **vectors, output_stride=stride)


def decode(
    heads: Heads, limit: int, threshold: float, radius: float, min_score: float = 0.0
) -> list[Pose]:
    return decode_multiple_poses(
        heads,
        max_pose_detections=limit,
        score_threshold=threshold,
        nms_radius=radius,
        min_pose_score=min_score,
    )


@given(HEADS, LIMITS, THRESHOLDS, RADII)
def test_poses_are_those_of_the_sequential_algorithm(
    heads: Heads, limit: int, threshold: float, radius: float
) -> None:
    poses = decode(heads, limit, threshold, radius)
    expected = SequentialDecoder(heads, radius).decode(limit, threshold)
    assert len(poses) == len(expected)
    for pose, other in zip(poses, expected, strict=True):
        np.testing.assert_allclose(pose.keypoints[:, ::-1], other.points, rtol=1e-6, atol=1e-3)
        np.testing.assert_allclose(pose.score, other.score, atol=1e-5)


@pytest.mark.parametrize('radius', [30.0, 60.0])
@pytest.mark.parametrize('seed', range(3))
def test_thousands_of_candidates_give_the_poses_of_the_sequential_algorithm(
    radius: float, seed: int
) -> None:
    heads = random_heads(20, 20, 16, 3.0, 3, seed)
    candidates, _ = find_root_candidates(heads.heatmap_scores, 0.5)
    # So many that some are compared in the second block, and in one after it.
    assert len(candidates) > BLOCK + 2 * COMPARED
    poses = decode(heads, 100, 0.5, radius)
    expected = SequentialDecoder(heads, radius).decode(100, 0.5)
    assert len(poses) == len(expected) > 5
    for pose, other in zip(poses, expected, strict=True):
        np.testing.assert_allclose(pose.keypoints[:, ::-1], other.points, rtol=1e-6, atol=1e-3)
        np.testing.assert_allclose(pose.score, other.score, atol=1e-5)


@given(HEADS, LIMITS, THRESHOLDS, RADII, st.floats(0.0, 1.0))
def test_poses_with_enough_score_are_the_first_of_them_in_the_list_of_all_poses(
    heads: Heads, limit: int, threshold: float, radius: float, min_score: float
) -> None:
    everything = decode(heads, MAX_EXAMINED, threshold, radius)
    expected = [pose for pose in everything if pose.score >= min_score][:limit]
    poses = decode(heads, limit, threshold, radius, min_score)
    assert [pose.score for pose in poses] == [pose.score for pose in expected]
    for pose, other in zip(poses, expected, strict=True):
        np.testing.assert_array_equal(pose.keypoints, other.keypoints)
        np.testing.assert_array_equal(pose.keypoint_scores, other.keypoint_scores)


@given(HEADS, LIMITS, THRESHOLDS, RADII)
def test_there_are_never_more_poses_than_requested(
    heads: Heads, limit: int, threshold: float, radius: float
) -> None:
    assert len(decode(heads, limit, threshold, radius)) <= limit


@given(HEADS, LIMITS, THRESHOLDS, RADII)
def test_all_scores_are_within_zero_and_one(
    heads: Heads, limit: int, threshold: float, radius: float
) -> None:
    for pose in [*decode(heads, limit, threshold, radius), decode_single_pose(heads)]:
        assert 0 <= pose.score <= 1
        assert (pose.keypoint_scores >= 0).all()
        assert (pose.keypoint_scores <= 1).all()


@given(HEADS, LIMITS, THRESHOLDS)
def test_a_pose_never_has_its_best_part_below_the_threshold(
    heads: Heads, limit: int, threshold: float
) -> None:
    for pose in decode(heads, limit, threshold, 20.0):
        assert pose.keypoint_scores.max() >= np.float32(threshold)


@given(HEADS, LIMITS, RADII)
def test_more_detections_only_add_poses_at_the_end(
    heads: Heads, limit: int, radius: float
) -> None:
    few, more = decode(heads, limit, 0.5, radius), decode(heads, limit + 5, 0.5, radius)
    assert len(more) >= len(few)
    for one, same in zip(few, more, strict=False):
        np.testing.assert_array_equal(one.keypoints, same.keypoints)
        assert one.score == same.score


@given(HEADS, LIMITS, RADII)
def test_no_root_lies_within_the_radius_of_the_same_part_of_another_pose(
    heads: Heads, limit: int, radius: float
) -> None:
    threshold = 0.5
    poses = decode(heads, limit, threshold, radius)
    for number, later in enumerate(poses):
        for earlier in poses[:number]:
            gaps = np.hypot(*(later.keypoints - earlier.keypoints).T)
            # The root is among the parts at or above the threshold, and lies apart.
            assert (gaps[later.keypoint_scores >= np.float32(threshold)] > radius).any()


@given(st.floats(60, 200), st.floats(60, 130), st.floats(40, 120))
def test_single_and_multi_agree_when_one_person_is_in_view(
    x: float, y: float, size: float
) -> None:
    heads = heads_of([standing_person(x, y, size)])
    (multi,) = decode(heads, 1, 0.5, 20.0)
    single = decode_single_pose(heads)
    np.testing.assert_allclose(multi.keypoints, single.keypoints, atol=1e-3)
    assert abs(multi.score - single.score) < 1e-6
