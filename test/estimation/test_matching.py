from dataclasses import replace

from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.estimation.matching import find_person, region_scores
from posenet_ros.estimation.people_arrays import gather


def test_the_person_is_the_pose_most_similar_to_the_expected_one() -> None:
    assert find_person([0.1, 0.8], [0.7, 0.6]) == 1


def test_of_similar_poses_the_person_is_the_surer_one() -> None:
    assert find_person([0.6, 0.7], [0.8, 0.2]) == 0


def test_there_is_no_person_where_there_are_no_poses() -> None:
    assert find_person([], []) is None


def test_scores_in_regions_are_from_0_to_1() -> None:
    poses = [
        replace(pose_at(0), keypoint_scores=np.full(17, score, np.float32))
        for score in (0.0, 0.5, 1.0)
    ]
    assert region_scores(gather(poses)) == pytest.approx([0, 0.5, 1])


def test_a_pose_that_is_hardly_similar_is_not_the_person() -> None:
    assert find_person([0.05, 0.0], [0.9, 0.9]) is None
