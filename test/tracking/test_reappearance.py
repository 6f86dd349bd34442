from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.poses import Pose
from posenet_ros.tracking.people import gather
from posenet_ros.tracking.reappearance import reappearances, replace_lost
from posenet_ros.tracking.tracks import Track

SIZE = gather([pose_at(50)]).sizes[0]


def compare(pose: Pose, lost: Pose, uncertainty: tuple[float, float]) -> float:
    found, before = gather([pose]), gather([lost])
    size = min(*found.sizes, *before.sizes)
    (value,) = reappearances(found.people, before.people, [size], [uncertainty])
    return value


def test_somebody_who_comes_back_where_predicted_is_the_same() -> None:
    assert compare(pose_at(50), pose_at(50), (0.0, 0.0)) == pytest.approx(1)


def test_somebody_may_come_back_as_far_away_as_the_prediction_may_be_off() -> None:
    near, far = (compare(pose_at(80), pose_at(50), (off, 0.0)) for off in (30.0, 5.0))
    assert near > 0.6
    assert far < 0.1


def test_somebody_of_another_height_is_not_the_same_where_anybody_may_be() -> None:
    child = pose_at(50)
    child.keypoints[:, 1] = 196 + 0.5 * (child.keypoints[:, 1] - 196)
    assert compare(child, pose_at(50), (60.0, 60.0)) < 0.3
    assert compare(pose_at(50), pose_at(50), (60.0, 60.0)) == pytest.approx(1)


def test_a_few_keypoints_of_somebody_in_front_do_not_matter() -> None:
    pose = pose_at(50)
    pose.keypoints[5:10] += 60
    assert compare(pose, pose_at(50), (10.0, 10.0)) == pytest.approx(12 / 17, abs=0.01)


@pytest.mark.parametrize('visible', [0, 3])
def test_poses_with_fewer_than_four_common_keypoints_are_not_similar(visible: int) -> None:
    hidden = pose_at(50)
    hidden.keypoint_scores[visible:] = 0.1
    assert compare(hidden, pose_at(50), (10.0, 10.0)) == 0


def replaced(similar: list[float], missed: list[bool]) -> list[float]:
    """Return the similarities to people at 50 and 300 of a pose at 52."""
    found, known = gather([pose_at(52)]), gather([pose_at(50), pose_at(300)])
    tracks = [Track(SIZE, 0.0, missed=one) for one in missed]
    rows = [list(similar)]
    replace_lost(rows, found.people, found.sizes, tracks, known.people, [(0.0, 0.0)] * 2)
    return rows[0]


def test_only_the_similarities_to_people_who_were_missed_are_replaced() -> None:
    assert replaced([0.5, 0.1], [False, False]) == [0.5, 0.1]
    first, second = replaced([0.5, 0.1], [True, False])
    assert second == 0.1
    assert first == pytest.approx(np.exp(-((2 / (0.1 * SIZE)) ** 2) / 2))


def test_a_pose_of_somebody_who_was_just_found_is_nobody_who_was_lost() -> None:
    assert replaced([0.5, 0.9], [True, False]) == [0, 0.9]


def test_a_pose_that_is_far_from_somebody_who_was_lost_is_somebody_else() -> None:
    assert replaced([0.009, 0.1], [True, False]) == [0, 0.1]
