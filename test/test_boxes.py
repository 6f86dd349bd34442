import numpy as np
import pytest

from posenet_ros.boxes import Box, box_of
from posenet_ros.poses import MIN_KEYPOINT_SCORE, Pose

SIZE = (480, 640)


def pose_with(*points: tuple[float, float], score: float = 0.9) -> Pose:
    """Return a person whose first keypoints are at these points; the others have a score of 0."""
    keypoints, scores = np.full((17, 2), 300.0), np.zeros(17, np.float32)
    keypoints[: len(points)] = np.reshape(points, (-1, 2))
    scores[: len(points)] = score
    return Pose(0.5, keypoints, scores)


def test_the_margin_is_a_share_of_the_diagonal_on_every_side() -> None:
    assert box_of(pose_with((100, 100), (130, 140)), SIZE) == Box(96, 96, 134, 144)


def test_a_keypoint_counts_from_the_threshold_on() -> None:
    pose = pose_with((100, 100), (130, 140), (0, 0), score=MIN_KEYPOINT_SCORE)
    pose.keypoint_scores[2] = MIN_KEYPOINT_SCORE - 0.01
    assert box_of(pose, SIZE) == Box(96, 96, 134, 144)


def test_a_box_is_clipped_to_the_image() -> None:
    assert box_of(pose_with((-50, -20), (1000, 900)), SIZE) == Box(0, 0, 639, 479)


def test_keypoints_that_are_not_finite_do_not_count() -> None:
    pose = pose_with((100, 100), (130, 140), (np.nan, 5), (np.inf, 5))
    assert box_of(pose, SIZE) == Box(96, 96, 134, 144)


@pytest.mark.parametrize(
    'points',
    [[], [(100, 100)], [(100, 100), (100, 100)], [(-90, 10), (-50, 40)], [(10, 500), (90, 510)]],
    ids=['no keypoint', 'one', 'two at one place', 'left of the image', 'below the image'],
)
def test_there_is_no_box(points: list[tuple[float, float]]) -> None:
    assert box_of(pose_with(*points), SIZE) is None


def test_a_limb_along_an_axis_has_a_box_with_an_area() -> None:
    assert box_of(pose_with((100, 100), (100, 200)), SIZE) == Box(92, 92, 108, 208)
