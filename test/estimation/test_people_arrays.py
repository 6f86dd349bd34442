from dataclasses import replace

from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.estimation.people_arrays import gather
from posenet_ros.poses import Pose


def similarity(first: Pose, second: Pose) -> float:
    return float(gather([first, second]).similarities()[0, 1])


def with_unsure_feet(pose: Pose, *, moved_by: float, score: float = 0.0) -> Pose:
    """Return the pose with feet that are elsewhere, and unsure."""
    keypoints, scores = pose.keypoints.copy(), pose.keypoint_scores.copy()
    keypoints[15:] += moved_by
    scores[15:] = score
    return replace(pose, keypoints=keypoints, keypoint_scores=scores)


def test_people_are_fully_similar_to_themselves() -> None:
    assert similarity(pose_at(50), pose_at(50)) == pytest.approx(1)


def test_similarity_falls_with_distance_to_nothing() -> None:
    values = [similarity(pose_at(50), pose_at(50 + distance)) for distance in (0, 3, 10, 30, 200)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 1e-6


def test_similarity_does_not_depend_on_the_scale() -> None:
    near, far = pose_at(50), pose_at(56)
    large = similarity(near.at(near.keypoints * 5), far.at(far.keypoints * 5))
    assert similarity(near, far) == pytest.approx(large)


def test_keypoints_without_a_score_in_one_pose_do_not_count() -> None:
    assert similarity(pose_at(50), with_unsure_feet(pose_at(50), moved_by=40)) == pytest.approx(1)


def test_the_area_is_that_of_the_first_person() -> None:
    large = pose_at(50).at(pose_at(50).keypoints * 3)
    small = pose_at(50)
    assert similarity(large, small) > similarity(small, large)


def test_unsure_keypoints_do_not_enlarge_the_box() -> None:
    pose = pose_at(50)
    low, high = gather([with_unsure_feet(pose, moved_by=40, score=0.15)]).boxes
    np.testing.assert_allclose(low[:, 0], pose.keypoints.min(axis=0))
    np.testing.assert_allclose(high[:, 0], pose.keypoints[:15].max(axis=0))


def test_of_an_unsure_pose_the_surest_keypoints_make_the_box() -> None:
    scores = np.full(17, 0.01, np.float32)
    scores[[0, 5, 6, 11]] = 0.05
    pose = replace(pose_at(50), keypoint_scores=scores)
    low, high = gather([pose]).boxes
    np.testing.assert_allclose(low[:, 0], pose.keypoints[[0, 5, 6, 11]].min(axis=0))
    np.testing.assert_allclose(high[:, 0], pose.keypoints[[0, 5, 6, 11]].max(axis=0))


def test_nobody_is_similar_to_nobody() -> None:
    assert gather([]).similarities().shape == (0, 0)


def test_the_mean_scores_are_those_of_the_keypoints() -> None:
    pose = with_unsure_feet(pose_at(50), moved_by=0)
    expected = [float(np.mean(one.keypoint_scores)) for one in (pose_at(50), pose)]
    assert gather([pose_at(50), pose]).mean_scores == pytest.approx(expected)
