from golden import Case, CASES_WITH_HEADS
from made_heads import arrays, heads_of, nearest_cells, standing_person, STRIDE
import numpy as np
import pytest

from posenet_ros.posenet.decoding import multi_pose
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose

LEFT_EYE = 1


def decode(
    heads: Heads,
    *,
    limit: int = 20,
    threshold: float = 0.5,
    radius: float = 20.0,
    min_score: float = 0.0,
) -> list[Pose]:
    return decode_multiple_poses(
        heads,
        max_pose_detections=limit,
        score_threshold=threshold,
        nms_radius=radius,
        min_pose_score=min_score,
    )


@pytest.mark.parametrize('case', CASES_WITH_HEADS.values(), ids=CASES_WITH_HEADS)
def test_heads_of_the_reference_give_its_poses_in_its_order(case: Case) -> None:
    heads = case.heads()
    for run in case.figures['decoded']:
        poses = decode_multiple_poses(heads, **run['params'], min_pose_score=0.0)
        assert len(poses) == len(run['multi'])
        for pose, expected in zip(poses, run['multi'], strict=True):
            rows = np.array(expected['keypoints'])
            assert pose.score == pytest.approx(expected['score'], abs=1e-3)
            np.testing.assert_allclose(pose.keypoints, rows[:, :2], atol=1e-3)
            np.testing.assert_allclose(pose.keypoint_scores, rows[:, 2], atol=1e-3)


def test_each_person_is_found_where_they_are() -> None:
    people = [standing_person(60, 60), standing_person(180, 90)]
    poses = decode(heads_of(people, scores=[0.8, 0.9]))
    assert [pose.score for pose in poses] == pytest.approx([0.9, 0.8])
    np.testing.assert_allclose(poses[0].keypoints, people[1], atol=1e-4)
    np.testing.assert_allclose(poses[1].keypoints, people[0], atol=1e-4)


@pytest.mark.parametrize('root', range(17))
def test_a_person_is_complete_whichever_part_is_the_root(root: int) -> None:
    person = standing_person(120, 80)
    heads = heads_of([person])
    row, column = nearest_cells(person, 17, 17)[root]
    heads.heatmap_scores[root, row, column] = 0.99
    (pose,) = decode(heads)
    np.testing.assert_allclose(pose.keypoints, person, atol=1e-4)


def test_an_empty_scene_has_no_poses() -> None:
    assert decode(Heads(**arrays(), output_stride=STRIDE)) == []


def test_at_most_the_requested_number_of_poses_is_found_and_the_best_roots_win() -> None:
    people = [
        standing_person(40, 40, 50),
        standing_person(120, 40, 50),
        standing_person(200, 40, 50),
    ]
    poses = decode(heads_of(people, scores=[0.7, 0.9, 0.8]), limit=2)
    assert [pose.score for pose in poses] == pytest.approx([0.9, 0.8])


def test_a_root_scores_at_least_the_threshold() -> None:
    heads = heads_of([standing_person(120, 80)], scores=[0.5])
    assert len(decode(heads, threshold=0.5)) == 1
    assert decode(heads, threshold=0.51) == []


def test_parts_within_the_nms_radius_belong_to_one_person() -> None:
    people = [standing_person(100, 80), standing_person(132, 80)]
    heads = heads_of(people)
    assert len(decode(heads, radius=20)) == 2
    assert len(decode(heads, radius=40)) == 1


def test_keypoints_on_an_earlier_pose_do_not_count_for_a_later_one() -> None:
    # The second person differs from the first only in the left eye and the left ear.
    first, second = standing_person(100, 80), standing_person(100, 80)
    own = [1, 3]
    second[own] += (64, 0)
    heads = heads_of([second, first], scores=[0.6, 0.9])
    best, other = decode(heads)
    assert best.score == pytest.approx(0.9)
    assert other.score == pytest.approx(0.6 * len(own) / 17)


@pytest.mark.parametrize(('limit', 'found'), [(1, [0.9]), (2, [0.9, 0.5]), (3, [0.9, 0.5])])
def test_poses_with_a_low_score_are_left_out_and_do_not_count_in_the_limit(
    limit: int, found: list[float]
) -> None:
    # The second person differs from the first only in the left eye and the left ear.
    first, second = standing_person(100, 80), standing_person(100, 80)
    second[[1, 3]] += (64, 0)
    heads = heads_of([second, first, standing_person(200, 80)], scores=[0.6, 0.9, 0.5])
    assert len(decode(heads, limit=3)) == 3
    poses = decode(heads, limit=limit, min_score=0.15)
    assert [pose.score for pose in poses] == pytest.approx(found)


def test_only_the_first_poses_of_the_list_are_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    # Else thousands of poses with a low score could take seconds.
    monkeypatch.setattr(multi_pose, 'MAX_EXAMINED', 2)
    first, second = standing_person(100, 80), standing_person(100, 80)
    second[[1, 3]] += (64, 0)
    heads = heads_of([second, first, standing_person(200, 80)], scores=[0.6, 0.9, 0.5])
    (pose,) = decode(heads, min_score=0.15)
    assert pose.score == pytest.approx(0.9)


def test_every_cell_of_a_plateau_is_a_root() -> None:
    made = arrays(1, 9)
    made['heatmap_scores'][LEFT_EYE, 0, 4:6] = 0.8
    poses = decode(Heads(**made, output_stride=STRIDE), radius=5)
    assert [pose.keypoints[LEFT_EYE, 0] for pose in poses] == [4 * STRIDE, 5 * STRIDE]


def test_equal_scores_are_in_the_order_of_part_row_and_column() -> None:
    made = arrays(9, 9)
    for part, row, column in [(5, 0, 0), (2, 8, 0), (2, 4, 8), (2, 4, 4)]:
        made['heatmap_scores'][part, row, column] = 0.8
    poses = decode(Heads(**made, output_stride=STRIDE), radius=5)
    roots = [tuple(pose.keypoints[pose.keypoint_scores.argmax()] / STRIDE) for pose in poses]
    assert roots == [(4, 4), (8, 4), (0, 8), (0, 0)]


@pytest.mark.parametrize('corner', [(0, 0), (0, 16), (16, 0), (16, 16)])
def test_a_maximum_in_a_corner_is_a_root(corner: tuple[int, int]) -> None:
    made = arrays(17, 17)
    row, column = corner
    made['heatmap_scores'][LEFT_EYE, row, column] = 0.8
    (pose,) = decode(Heads(**made, output_stride=STRIDE))
    assert tuple(pose.keypoints[LEFT_EYE][::-1]) == tuple(STRIDE * np.array(corner))


def test_displacements_out_of_the_image_end_at_its_border() -> None:
    heads = heads_of([standing_person(120, 80)])
    heads.displacements_fwd[:] = 1e30
    heads.displacements_bwd[:] = -1e30
    (pose,) = decode(heads, limit=1)
    assert np.isfinite(pose.keypoints).all()
