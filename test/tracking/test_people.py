from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.tracking.people import gather


def test_keypoints_with_a_score_of_at_least_0_3_are_visible() -> None:
    pose = pose_at(0)
    pose.keypoint_scores[:2] = 0.29, 0.3
    assert gather([pose]).people.visible[0].tolist() == [False, *[True] * 16]


def test_the_size_is_the_root_of_the_area_of_the_visible_keypoints() -> None:
    pose = pose_at(50)
    pose.keypoints[0] = 1000, 1000
    pose.keypoint_scores[0] = 0
    width, height = np.ptp(pose.keypoints[1:], axis=0)
    assert gather([pose]).sizes == pytest.approx([np.sqrt(width * height) + 1])


def test_a_person_seen_from_the_side_is_not_much_smaller() -> None:
    pose = pose_at(50)
    side = pose.at(pose.keypoints * (0.01, 1))
    assert gather([side]).sizes[0] > 0.8 * gather([pose]).sizes[0]


def test_a_person_without_visible_keypoints_has_a_size() -> None:
    pose = pose_at(50)
    pose.keypoint_scores[:] = 0
    assert gather([pose]).sizes[0] > 10


def test_people_can_be_joined() -> None:
    people = gather([pose_at(0)]).people.joined(gather([pose_at(50), pose_at(100)]).people)
    assert people.keypoints[0, :, 0].tolist() == [0, 50, 100]
    assert people.visible.shape == (3, 17)


def test_some_people_can_be_selected() -> None:
    found = gather([pose_at(0), pose_at(50).at(pose_at(50).keypoints * 2), pose_at(100)])
    some = found.only([2, 1])
    assert some.people.keypoints[0, :, 0].tolist() == [100, 100]
    assert some.sizes == [found.sizes[2], found.sizes[1]]
    assert some.scores.shape == (2, 17)


def test_x_and_y_are_apart() -> None:
    pose = pose_at(50)
    keypoints = gather([pose_at(0), pose]).people.keypoints
    assert keypoints.shape == (2, 2, 17)
    np.testing.assert_array_equal(keypoints[:, 1], pose.keypoints.T)


def test_keypoints_that_are_nowhere_are_not_visible_and_leave_the_pose_as_it_is() -> None:
    pose = pose_at(50)
    pose.keypoints[[3, 4, 5], [0, 1, 0]] = np.nan, -np.inf, 1e9
    found = gather([pose_at(300), pose])
    assert found.unknown is not None
    assert np.argwhere(found.unknown).tolist() == [[1, 3], [1, 4], [1, 5]]
    np.testing.assert_array_equal(found.people.visible, ~found.unknown)
    assert np.isfinite(found.people.keypoints).all()
    assert pose.keypoints[5, 0] == 1e9
