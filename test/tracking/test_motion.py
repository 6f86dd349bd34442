from made_poses import pose_at
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.tracking.motion import corrected, displacements, gains, residuals, uncertainties
from posenet_ros.tracking.people import gather


def test_people_move_on_with_their_velocity() -> None:
    moved = displacements(np.array([[100.0, -50.0]]), np.array([0.01]))
    assert moved[0] == pytest.approx([1, -0.5], rel=0.02)


def test_a_person_who_is_lost_for_long_is_not_expected_far_away() -> None:
    moved = displacements(np.array([[100.0, 0.0]]), np.array([60.0]))
    assert moved[0, 0] < 100


def test_predictions_become_uncertain_with_time_and_size() -> None:
    standing = np.zeros((3, 2))
    values = uncertainties(np.array([50.0, 50.0, 100.0]), standing, np.array([0.0, 1.0, 1.0]))
    assert values[0].tolist() == [0, 0]
    assert values[2] == pytest.approx(2 * values[1])


def test_predictions_are_most_uncertain_in_the_direction_of_the_movement() -> None:
    velocities = np.array([[0.0, 0.0], [80.0, 0.0], [-80.0, 0.0], [0.0, 80.0]])
    values = uncertainties(np.full(4, 50.0), velocities, np.ones(4))
    standing, right, left, down = values.tolist()
    assert standing[0] == standing[1] == right[1] == down[0]
    assert right[0] == left[0] == down[1] > 5 * standing[0]


def test_a_wrong_keypoint_does_not_move_the_body() -> None:
    pose = pose_at(53)
    pose.keypoints[9] += 1000
    assert residuals(gather([pose]), gather([pose_at(50)]))[0] == pytest.approx([3, 0])


def test_without_common_keypoints_all_count() -> None:
    pose = pose_at(53)
    pose.keypoint_scores[:] = 0
    assert residuals(gather([pose]), gather([pose_at(50)]))[0] == pytest.approx([3, 0])


def test_velocity_settles_at_that_of_the_person_at_any_rate() -> None:
    for rate in (5, 30):
        velocities: NDArray[np.float64] = np.zeros((1, 2))
        for sightings in range(1, 3 * rate):
            gaps = np.full(1, 1 / rate)
            missed = (np.array([[60.0, 0.0]]) - velocities) / rate
            velocities = corrected(
                velocities, missed, gaps=gaps, gains=gains(gaps, np.array([sightings]))
            )
        assert velocities[0] == pytest.approx([60, 0], rel=0.01)


def test_two_images_with_one_stamp_change_no_velocity() -> None:
    same = corrected(np.ones((1, 2)), np.ones((1, 2)), gaps=np.zeros(1), gains=np.ones(1))
    assert same.tolist() == [[1, 1]]
