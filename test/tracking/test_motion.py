from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.poses import Pose
from posenet_ros.tracking.motion import (
    corrected,
    displacement,
    gain,
    nearest_displacement,
    residuals,
    slowed,
    uncertainty,
)
from posenet_ros.tracking.people import gather


def test_people_move_on_with_their_velocity() -> None:
    assert displacement((100.0, -50.0), 0.01) == pytest.approx((1, -0.5), rel=0.02)


def test_a_person_who_is_lost_for_long_is_not_expected_far_away() -> None:
    assert displacement((100.0, 0.0), 60.0)[0] < 100


@pytest.mark.parametrize(
    ('move', 'expected'),
    [
        ((50, 0), (50, 0)),
        ((50, 30), (50, 0)),
        ((5, 0), (20, 0)),
        ((-50, 0), (20, 0)),
        ((90, 0), (60, 0)),
    ],
)
def test_of_the_possible_displacements_the_nearest_to_a_move_counts(
    move: tuple[float, float], expected: tuple[float, float]
) -> None:
    found = nearest_displacement((100.0, 0.0), move, least=0.2, most=0.6)
    assert found == pytest.approx(expected)


def test_whoever_stands_has_no_displacement() -> None:
    assert nearest_displacement((0.0, 0.0), (9.0, 9.0), least=0.2, most=0.6) == (0, 0)


def test_predictions_become_uncertain_with_time_and_size() -> None:
    at_once, small, large = (
        uncertainty(size, (0.0, 0.0), gap) for size, gap in ((50, 0), (50, 1), (100, 1))
    )
    assert at_once == (0, 0)
    assert large == pytest.approx((2 * small[0], 2 * small[1]))


def test_predictions_are_most_uncertain_in_the_direction_of_the_movement() -> None:
    velocities = ((0.0, 0.0), (80.0, 0.0), (-80.0, 0.0), (0.0, 80.0))
    standing, right, left, down = (
        uncertainty(50.0, slowed((0.0, 0.0), one, 0.1), 1.0) for one in velocities
    )
    assert standing[0] == standing[1] == right[1] == down[0]
    assert right[0] == left[0] == down[1] > 5 * standing[0]


def test_somebody_who_turns_was_not_at_rest_when_the_velocity_is_zero() -> None:
    assert slowed((80.0, 0.0), (0.0, 0.0), 0.1)[0] > 60
    assert slowed((80.0, 0.0), (0.0, 0.0), 10.0)[0] < 1


def test_predictions_do_not_become_more_uncertain_after_a_second() -> None:
    one, later = (uncertainty(50.0, (80.0, 0.0), gap) for gap in (1.0, 60.0))
    assert one == later


def missed(found: Pose, predicted: Pose) -> list[float]:
    """Return how far a pose is from the predicted one."""
    (residual,) = residuals(gather([found]).people, gather([predicted]).people)
    return list(residual)


def test_the_median_of_an_even_number_is_between_the_two_in_the_middle() -> None:
    pose = pose_at(50)
    pose.keypoint_scores[:13] = 0
    pose.keypoints[13:] += np.array([[1, 5], [2, 5], [6, 5], [9, 5]])
    assert missed(pose, pose_at(50)) == pytest.approx([4, 5])


def test_a_wrong_keypoint_does_not_move_the_body() -> None:
    pose = pose_at(53)
    pose.keypoints[9] += 1000
    assert missed(pose, pose_at(50)) == pytest.approx([3, 0])


def test_without_common_keypoints_all_count() -> None:
    pose = pose_at(53)
    pose.keypoint_scores[:] = 0
    assert missed(pose, pose_at(50)) == pytest.approx([3, 0])


def test_velocity_settles_at_that_of_the_person_at_any_rate() -> None:
    for rate in (5, 30):
        velocity = (0.0, 0.0)
        for sightings in range(1, 3 * rate):
            gap = 1 / rate
            residual = (60 - velocity[0]) * gap, -velocity[1] * gap
            velocity = corrected(velocity, residual, gap=gap, gain=gain(gap, sightings))
        assert velocity == pytest.approx((60, 0), rel=0.01)


def test_two_images_with_one_stamp_change_no_velocity() -> None:
    assert corrected((1.0, 1.0), (1.0, 1.0), gap=0.0, gain=1.0) == (1, 1)
