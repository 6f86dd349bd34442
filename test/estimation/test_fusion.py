from dataclasses import replace

from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.estimation.fusion import find_person, fused_keypoints, region_scores
from posenet_ros.estimation.people_arrays import gather


def test_the_person_is_the_pose_most_similar_to_the_expected_one() -> None:
    assert find_person([0.1, 0.8], [0.7, 0.6]) == 1


def test_of_similar_poses_the_person_is_the_surer_one() -> None:
    assert find_person([0.6, 0.7], [0.8, 0.2]) == 0


def test_there_is_no_person_where_there_are_no_poses() -> None:
    assert find_person([], []) is None


def test_fused_keypoints_lie_between_the_two_looks_and_nearer_to_the_closer_one() -> None:
    first, closer = pose_at(104), pose_at(100)
    (fused,) = fused_keypoints(gather([first, closer]), [0], [1])
    assert (fused[:, 0] > closer.keypoints[:, 0]).all()
    assert (fused[:, 0] < closer.keypoints[:, 0] + 1).all()
    np.testing.assert_allclose(fused[:, 1], closer.keypoints[:, 1])


def test_a_keypoint_that_was_elsewhere_in_the_whole_image_does_not_count() -> None:
    closer = pose_at(100)
    wrong = closer.keypoints.copy()
    wrong[9] += 30
    (fused,) = fused_keypoints(gather([closer.at(wrong), closer]), [0], [1])
    np.testing.assert_array_equal(fused, closer.keypoints)


def test_keypoints_without_any_score_stay_finite() -> None:
    nothing = replace(pose_at(100), keypoint_scores=np.zeros(17, np.float32))
    (fused,) = fused_keypoints(gather([nothing, nothing]), [0], [1])
    np.testing.assert_array_equal(fused, nothing.keypoints)


def test_scores_in_regions_are_from_0_to_1() -> None:
    poses = [
        replace(pose_at(0), keypoint_scores=np.full(17, score, np.float32))
        for score in (0.0, 0.5, 1.0)
    ]
    assert region_scores(gather(poses)) == pytest.approx([0, 0.5, 1])
