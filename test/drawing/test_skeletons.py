from collections.abc import Callable
from itertools import pairwise

from made_heads import standing_person
import numpy as np
import pytest

from posenet_ros.drawing.colours import NEUTRAL
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.drawing.skeletons import label_height, line_width, shown_skeletons
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import PART_NAMES, SKELETON
from posenet_ros.poses import Pose

LEFT_ELBOW = PART_NAMES.index('left_elbow')
LEFT_WRIST = PART_NAMES.index('left_wrist')


@pytest.fixture
def settings() -> DrawingSettings:
    return DrawingSettings(draw_min_pose_score=0.25, draw_min_keypoint_score=0.5)


def person(score: float = 0.9, *, track_id: int = 0) -> Pose:
    scores = np.full(17, 0.9, np.float32)
    return Pose(score, standing_person(100, 50), scores, track_id)


def test_a_person_in_full_view_has_all_keypoints_and_limbs(settings: DrawingSettings) -> None:
    pose = person()
    (skeleton,) = shown_skeletons([pose], settings, tracked=False)
    np.testing.assert_array_equal(skeleton.keypoints, pose.keypoints)
    np.testing.assert_array_equal(skeleton.limbs, pose.keypoints[np.array(SKELETON)])


def test_people_below_the_minimum_score_are_not_shown_and_the_others_keep_their_index(
    settings: DrawingSettings,
) -> None:
    shown = shown_skeletons([person(0.24), person(0.25)], settings, tracked=False)
    assert [skeleton.number for skeleton in shown] == [1]


def test_a_keypoint_below_the_minimum_score_is_not_shown_nor_are_its_limbs(
    settings: DrawingSettings,
) -> None:
    pose = person()
    pose.keypoint_scores[LEFT_ELBOW] = 0.49
    (skeleton,) = shown_skeletons([pose], settings, tracked=False)
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
    (skeleton,) = shown_skeletons([pose], settings, tracked=False)
    assert len(skeleton.keypoints) == 16
    assert len(skeleton.limbs) == len(SKELETON) - 2


def test_a_person_without_visible_keypoints_has_an_empty_skeleton(
    settings: DrawingSettings,
) -> None:
    pose = person()
    pose.keypoint_scores[:] = 0
    (skeleton,) = shown_skeletons([pose], settings, tracked=False)
    assert (skeleton.keypoints.shape, skeleton.limbs.shape) == ((0, 2), (0, 2, 2))


def test_neighbours_in_a_crowd_have_different_colours(settings: DrawingSettings) -> None:
    shown = shown_skeletons([person()] * 20, settings, tracked=False)
    colours = [skeleton.colour for skeleton in shown]
    assert all(one != other for one, other in pairwise(colours))


def test_a_person_with_an_id_has_its_number_and_its_colour_at_every_index(
    settings: DrawingSettings,
) -> None:
    one, other = person(track_id=4), person(track_id=9)
    shown = shown_skeletons([one, other], settings, tracked=True)
    assert [skeleton.number for skeleton in shown] == [4, 9]
    turned = shown_skeletons([other, one], settings, tracked=True)
    assert [skeleton.colour for skeleton in turned] == [shown[1].colour, shown[0].colour]


def test_a_person_without_an_id_is_grey_beside_people_with_ids(settings: DrawingSettings) -> None:
    people = [person(track_id=1), person(), person()]
    known, *others = shown_skeletons(people, settings, tracked=True)
    assert {skeleton.colour for skeleton in others} == {NEUTRAL}
    assert known.colour != NEUTRAL
    assert len({known.number, *(skeleton.number for skeleton in others)}) == 3


def test_while_people_are_tracked_all_are_grey_until_they_have_an_id(
    settings: DrawingSettings,
) -> None:
    shown = shown_skeletons([person(), person()], settings, tracked=True)
    assert [skeleton.colour for skeleton in shown] == [NEUTRAL, NEUTRAL]
    assert shown[0].number != shown[1].number


def test_the_label_of_a_person_is_the_id(settings: DrawingSettings) -> None:
    shown = shown_skeletons([person(track_id=12), person()], settings, tracked=True)
    assert [skeleton.label for skeleton in shown] == ['12', '']


def test_the_top_of_a_person_is_above_the_head_even_if_a_hand_is_higher(
    settings: DrawingSettings,
) -> None:
    pose = person(track_id=1)
    pose.keypoints[LEFT_WRIST] = 150, 0
    (skeleton,) = shown_skeletons([pose], settings, tracked=False)
    x, y = skeleton.top
    head = pose.keypoints[:5]
    assert x == (head[:, 0].min() + head[:, 0].max()) / 2
    assert head[:, 1].min() - 50 < y < head[:, 1].min()


def test_the_top_of_a_person_whose_head_is_not_shown_is_above_the_body(
    settings: DrawingSettings,
) -> None:
    pose = person(track_id=1)
    pose.keypoint_scores[:5] = 0
    (skeleton,) = shown_skeletons([pose], settings, tracked=False)
    assert skeleton.top[1] < pose.keypoints[5:, 1].min()


def test_a_person_without_visible_keypoints_has_no_label(settings: DrawingSettings) -> None:
    pose = person(track_id=1)
    pose.keypoint_scores[:] = 0
    (skeleton,) = shown_skeletons([pose], settings, tracked=False)
    assert skeleton.label == ''


@pytest.mark.parametrize('measure', [line_width, label_height])
def test_lines_and_labels_grow_with_the_image(measure: Callable[[Size], float]) -> None:
    assert measure((960, 1280)) == 2 * measure((480, 640))
