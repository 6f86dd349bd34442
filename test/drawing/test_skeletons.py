from itertools import pairwise

from made_heads import standing_person
import numpy as np
import pytest

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.drawing.skeletons import line_width, shown_skeletons
from posenet_ros.keypoints import PART_NAMES, SKELETON
from posenet_ros.poses import Pose

LEFT_ELBOW = PART_NAMES.index('left_elbow')


@pytest.fixture
def settings() -> DrawingSettings:
    return DrawingSettings(draw_min_pose_score=0.25, draw_min_keypoint_score=0.5)


def person(score: float = 0.9) -> Pose:
    scores = np.full(17, 0.9, np.float32)
    return Pose(score=score, keypoints=standing_person(100, 50), keypoint_scores=scores)


def test_a_person_in_full_view_has_all_keypoints_and_limbs(settings: DrawingSettings) -> None:
    pose = person()
    (skeleton,) = shown_skeletons([pose], settings)
    np.testing.assert_array_equal(skeleton.keypoints, pose.keypoints)
    np.testing.assert_array_equal(skeleton.limbs, pose.keypoints[np.array(SKELETON)])


def test_people_below_the_minimum_score_are_not_shown_and_the_others_keep_their_index(
    settings: DrawingSettings,
) -> None:
    shown = shown_skeletons([person(0.24), person(0.25)], settings)
    assert [skeleton.person for skeleton in shown] == [1]


def test_a_keypoint_below_the_minimum_score_is_not_shown_nor_are_its_limbs(
    settings: DrawingSettings,
) -> None:
    pose = person()
    pose.keypoint_scores[LEFT_ELBOW] = 0.49
    (skeleton,) = shown_skeletons([pose], settings)
    others = np.delete(pose.keypoints, LEFT_ELBOW, axis=0)
    np.testing.assert_array_equal(skeleton.keypoints, others)
    limbs = [limb for limb in SKELETON if LEFT_ELBOW not in limb]
    np.testing.assert_array_equal(skeleton.limbs, pose.keypoints[np.array(limbs)])


@pytest.mark.parametrize('coordinate', [np.nan, np.inf, -np.inf])
def test_a_keypoint_that_is_not_finite_is_not_shown_nor_are_its_limbs(
    settings: DrawingSettings, coordinate: float
) -> None:
    pose = person()
    pose.keypoints[LEFT_ELBOW, 1] = coordinate
    (skeleton,) = shown_skeletons([pose], settings)
    assert len(skeleton.keypoints) == 16
    assert len(skeleton.limbs) == len(SKELETON) - 2


def test_a_person_without_visible_keypoints_has_an_empty_skeleton(
    settings: DrawingSettings,
) -> None:
    pose = person()
    pose.keypoint_scores[:] = 0
    (skeleton,) = shown_skeletons([pose], settings)
    assert (skeleton.keypoints.shape, skeleton.limbs.shape) == ((0, 2), (0, 2, 2))


def test_neighbours_in_a_crowd_have_different_colours(settings: DrawingSettings) -> None:
    colours = [skeleton.colour for skeleton in shown_skeletons([person()] * 20, settings)]
    assert all(one != other for one, other in pairwise(colours))


def test_the_width_of_a_line_grows_with_the_image() -> None:
    assert line_width((960, 1280)) == 2 * line_width((480, 640))
