from collections.abc import Sequence
from dataclasses import replace

from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.attention.camera_attention import CameraAttention, Expectation
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.people_arrays import gather
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = AttentionSettings(attention='closer_look', search_interval=1.0, max_regions=3)


def expect(
    attention: CameraAttention,
    stamp: float | None,
    *,
    received: float = 0.0,
    size: Size = (480, 640),
) -> Expectation:
    return attention.expect(
        stamp=stamp,
        received=received,
        image_size=size,
        settings=SETTINGS,
        tracking=TrackingSettings(tracking=False),
    )


def only_head(pose: Pose) -> Pose:
    """Return a pose of which the keypoints below the head have low scores."""
    scores = pose.keypoint_scores.copy()
    scores[5:] = 0.1
    return replace(pose, keypoint_scores=scores)


def searches(
    attention: CameraAttention, stamps: Sequence[float], poses: Sequence[Pose] = ()
) -> list[float]:
    """Return the stamps of those images that are searched, if each has these poses."""
    searched = []
    for stamp in stamps:
        expected = expect(attention, stamp)
        attention.note(poses, searched=expected.search)
        if expected.search:
            searched.append(stamp)
    return searched


def test_an_empty_room_is_searched_once_in_a_search_interval() -> None:
    stamps = [10 + step / 8 for step in range(20)]
    assert searches(CameraAttention(), stamps) == [10.0, 11.0, 12.0]


def test_people_who_stay_are_not_searched_for_more_often() -> None:
    stamps = [10 + step / 8 for step in range(20)]
    assert searches(CameraAttention(), stamps, [pose_at(100)]) == [10.0, 11.0, 12.0]


def test_a_known_person_is_expected_where_the_movement_leads() -> None:
    attention = CameraAttention()
    for step in range(10):
        expect(attention, 10 + step / 10)
        attention.note([pose_at(100 + 5 * step)], searched=step == 0)
    (person,) = expect(attention, 11.0).people
    np.testing.assert_allclose(person.keypoints, pose_at(150).keypoints, atol=2)


def test_the_image_after_one_in_which_somebody_was_not_found_is_searched() -> None:
    attention = CameraAttention()
    searches(attention, [10.0, 10.1, 10.2], [pose_at(100), pose_at(400)])
    assert searches(attention, [10.3, 10.4, 10.5], [pose_at(100)]) == [10.4]


def test_somebody_is_lost_even_if_somebody_else_appears_in_the_same_image() -> None:
    attention = CameraAttention()
    searches(attention, [10.0, 10.1, 10.2], [pose_at(100), pose_at(400)])
    assert searches(attention, [10.3, 10.4], [pose_at(100), pose_at(250)]) == [10.4]


def test_somebody_who_is_hidden_stays_expected() -> None:
    attention = CameraAttention()
    searches(attention, [10.0, 10.1, 10.2], [pose_at(100)])
    searches(attention, [10.3])
    assert len(expect(attention, 10.4).people) == 1


def test_nobody_is_expected_outside_of_the_image() -> None:
    attention = CameraAttention()
    for step in range(10):
        expect(attention, 10 + step / 10)
        attention.note([pose_at(72 - 8 * step)], searched=step == 0)
    assert len(expect(attention, 11.0).people) == 1
    attention.note([], searched=False)
    assert expect(attention, 11.6).people == []


def test_stamps_that_are_nearly_the_same_send_nobody_far_out_of_the_image() -> None:
    attention = CameraAttention()
    for stamp, x in [(10.0, 100), (10.0 + 1e-9, 108)]:
        expect(attention, stamp)
        attention.note([pose_at(x)], searched=False)
    assert expect(attention, 10.1).people == []
    attention.note([], searched=False)
    assert expect(attention, 10.2).search


def test_a_poor_pose_does_not_make_the_expected_person_smaller() -> None:
    # Otherwise, the region around the person shrinks from image to image.
    attention = CameraAttention()
    searches(attention, [10.0, 10.1, 10.2], [pose_at(100)])
    searches(attention, [10.3, 10.4], [only_head(pose_at(100))])
    low, high = gather(expect(attention, 10.5).people).boxes
    height = np.ptp(pose_at(100).keypoints[:, 1])
    np.testing.assert_allclose(high[1] - low[1], height)


def test_keypoints_that_stay_hidden_are_not_expected_any_more() -> None:
    attention = CameraAttention()
    searches(attention, [10.0, 10.1, 10.2], [pose_at(100)])
    searches(attention, [10.3 + 0.1 * step for step in range(8)], [only_head(pose_at(100))])
    (person,) = expect(attention, 11.1).people
    assert np.flatnonzero(person.keypoint_scores).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize('stamp', [5.0, None], ids=['jump back', 'other size'])
def test_nobody_is_expected_after_a_break_and_the_image_is_searched(stamp: float | None) -> None:
    attention = CameraAttention()
    searches(attention, [10.0, 10.1, 10.2], [pose_at(100)])
    size = (480, 640) if stamp else (240, 320)
    expected = expect(attention, stamp or 10.3, size=size)
    assert (expected.search, expected.people) == (True, [])


def test_every_image_is_searched_if_there_are_more_people_than_regions() -> None:
    crowd = [pose_at(60.0 + 100 * number) for number in range(4)]
    stamps = [10.0, 10.1, 10.2]
    assert searches(CameraAttention(), stamps, crowd) == stamps


def test_an_image_whose_search_failed_is_followed_by_another_search() -> None:
    attention = CameraAttention()
    assert expect(attention, 10.0).search
    assert expect(attention, 10.1).search


def test_images_without_stamps_are_searched_by_the_time_of_receipt() -> None:
    attention = CameraAttention()
    found = []
    for step in range(20):
        expected = expect(attention, None, received=70 + step / 8)
        attention.note([], searched=expected.search)
        found.append(expected.search)
    assert [step for step, search in enumerate(found) if search] == [0, 8, 16]
