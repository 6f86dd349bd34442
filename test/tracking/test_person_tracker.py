from collections import Counter
from collections.abc import Sequence

from made_people import IMAGE_SIZE
from made_poses import pose_at
from made_scenes import SCENES
import numpy as np
import pytest

from posenet_ros.poses import Pose
from posenet_ros.tracking import PersonTracker, TrackingSettings
from posenet_ros.tracking.assignment import assign


def track(
    tracker: PersonTracker, images: Sequence[Sequence[Pose]], start: float = 0.0
) -> list[list[int]]:
    """Return the ids of images at 10 Hz."""
    return [
        [
            pose.track_id
            for pose in tracker.update(poses, stamp=start + number / 10, image_size=IMAGE_SIZE)
        ]
        for number, poses in enumerate(images)
    ]


def test_a_person_gets_an_id_after_three_sightings_and_keeps_it() -> None:
    images = [[pose_at(50 + 3 * step)] for step in range(6)]
    assert track(PersonTracker(), images) == [[0], [0], [1], [1], [1], [1]]


@pytest.mark.parametrize('score', [0.1, 0.9, np.nan])
@pytest.mark.parametrize('place', [np.inf, np.nan])
def test_a_keypoint_without_a_finite_position_costs_nobody_the_id(
    place: float, score: float
) -> None:
    poses = [pose_at(50 + 3 * step) for step in range(8)]
    for pose in poses[2:5]:
        pose.keypoints[9, 0] = place
        pose.keypoint_scores[9] = score
    assert track(PersonTracker(), [[pose] for pose in poses])[2:] == [[1]] * 6


def test_ids_do_not_depend_on_the_order_of_poses() -> None:
    one, other = pose_at(50), pose_at(300)
    images = [[one, other], [other, one], [one, other], [other, one]]
    assert track(PersonTracker(), images)[2:] == [[1, 2], [2, 1]]


def test_a_detection_that_is_missed_as_often_as_it_is_seen_gets_no_id() -> None:
    images = [[pose_at(50)] if step % 2 else [] for step in range(40)]
    assert not any(any(ids) for ids in track(PersonTracker(), images))


def test_a_person_who_is_lost_for_less_than_the_maximum_age_keeps_the_id() -> None:
    images = [[pose_at(50)]] * 3 + [[]] * 8 + [[pose_at(55)]]
    assert track(PersonTracker(), images)[-1] == [1]


def test_a_person_who_comes_back_later_gets_a_new_id() -> None:
    images = [[pose_at(50)]] * 3 + [[]] * 11 + [[pose_at(50)]] * 3
    assert track(PersonTracker(), images)[-1] == [2]


def test_age_counts_in_stamps_and_not_in_images() -> None:
    tracker = PersonTracker()
    track(tracker, [[pose_at(50)]] * 3 + [[]])
    (pose,) = tracker.update([pose_at(50)], stamp=3.0, image_size=IMAGE_SIZE)
    assert pose.track_id == 0


@pytest.mark.parametrize('period', [0.1, 1.0, 5.0, 50.0])
@pytest.mark.parametrize('age', [0.0, 0.05, 1.0])
def test_a_person_in_consecutive_images_keeps_the_id_at_any_rate(
    period: float, age: float
) -> None:
    tracker = PersonTracker(TrackingSettings(track_max_age=age))
    images = [
        tracker.update([pose_at(50)], stamp=period * step, image_size=IMAGE_SIZE)
        for step in range(5)
    ]
    assert [pose.track_id for (pose,) in images] == [0, 0, 1, 1, 1]


def test_after_an_image_without_the_person_the_age_counts_even_at_a_low_rate() -> None:
    tracker = PersonTracker(TrackingSettings(track_min_hits=1))
    images = [
        tracker.update(poses, stamp=2.0 * step, image_size=IMAGE_SIZE)
        for step, poses in enumerate(([pose_at(50)], [pose_at(50)], [], [pose_at(50)]))
    ]
    assert [pose.track_id for poses in images for pose in poses] == [1, 1, 2]


def test_nobody_keeps_an_id_if_no_image_arrives_for_more_than_a_minute() -> None:
    tracker = PersonTracker()
    track(tracker, [[pose_at(50)]] * 3)
    assert track(tracker, [[pose_at(50)]] * 3, start=61.0) == [[0], [0], [2]]


def test_somebody_who_comes_from_behind_another_does_not_take_a_hidden_persons_id() -> None:
    # One person stands at 300. Both are hidden, then the other walks on, farther away.
    images = [[pose_at(300)]] * 5 + [[]] * 5
    images += [[pose_at(314 + 4 * step, y=86)] for step in range(5)]
    assert track(PersonTracker(), images)[-1] == [2]


def test_somebody_who_turns_while_hidden_keeps_the_id() -> None:
    images = [[pose_at(50 + 6 * step)] for step in range(10)] + [[]] * 4
    images += [[pose_at(104 - 3 * step)] for step in range(5)]
    assert track(PersonTracker(), images)[-1] == [1]


def test_a_stranger_far_away_does_not_take_the_id_of_a_walker_who_was_lost_for_long() -> None:
    tracker = PersonTracker(TrackingSettings(track_max_age=10.0))
    images = [[pose_at(50 + 10 * step)] for step in range(10)] + [[]] * 30 + [[pose_at(500)]] * 3
    assert track(tracker, images)[-1] == [2]


def test_a_person_who_stays_where_they_were_hidden_for_long_keeps_the_id() -> None:
    tracker = PersonTracker(TrackingSettings(track_max_age=10.0))
    images = [[pose_at(50)]] * 10 + [[]] * 80 + [[pose_at(53)]]
    assert track(tracker, images)[-1] == [1]


def test_people_who_cross_keep_their_ids() -> None:
    images = [[pose_at(50 + 6 * step), pose_at(410 - 6 * step, y=106)] for step in range(60)]
    # While they are at one place, only one of them is found.
    images[29:32] = [images[29][:1], images[30][1:], images[31][:1]]
    ids = track(PersonTracker(), images)
    assert ids[2] == ids[-1] == [1, 2]


def test_a_second_pose_of_a_person_does_not_take_the_id() -> None:
    images = [[pose_at(50), pose_at(50.5, score=0.08)] for _ in range(10)]
    assert track(PersonTracker(), images)[2:] == [[1, 0]] * 8
    swapped = [[second, first] for first, second in images]
    assert track(PersonTracker(), swapped)[2:] == [[0, 1]] * 8


def test_a_pose_with_a_low_score_continues_a_track_but_starts_none() -> None:
    images = [[pose_at(50)]] * 3 + [[pose_at(50, score=0.1), pose_at(300, score=0.1)]] * 5
    assert track(PersonTracker(), images)[3:] == [[1, 0]] * 5


def test_a_jump_back_in_time_starts_ids_anew() -> None:
    tracker = PersonTracker()
    images = [[pose_at(50)]] * 3 + [[pose_at(50), pose_at(300)]] * 3
    assert track(tracker, images, start=100.0)[-1] == [1, 2]
    assert track(tracker, [[pose_at(300)]] * 3, start=5.0) == [[0], [0], [1]]


def test_a_recording_that_starts_again_starts_ids_anew_however_short_it_is() -> None:
    tracker = PersonTracker(TrackingSettings(track_max_age=10.0))
    for _ in range(3):
        assert track(tracker, [[pose_at(50)]] * 5, start=100.0) == [[0], [0], [1], [1], [1]]


def test_another_image_size_starts_ids_anew() -> None:
    tracker = PersonTracker()
    track(tracker, [[pose_at(50)]] * 3)
    (pose,) = tracker.update([pose_at(50)], stamp=0.4, image_size=(240, 320))
    assert pose.track_id == 0


def test_without_tracking_ids_are_0_and_no_id_is_given_twice() -> None:
    tracker = PersonTracker()
    assert track(tracker, [[pose_at(50)]] * 3)[-1] == [1]
    tracker.settings = TrackingSettings(tracking=False)
    assert track(tracker, [[pose_at(50)]] * 3, start=0.3) == [[0]] * 3
    tracker.settings = TrackingSettings(track_min_hits=1)
    assert track(tracker, [[pose_at(50)]], start=0.6) == [[2]]


def test_settings_of_a_call_replace_those_of_the_tracker() -> None:
    tracker = PersonTracker(TrackingSettings(track_min_hits=100))
    (pose,) = tracker.update(
        [pose_at(50)],
        stamp=0.0,
        image_size=IMAGE_SIZE,
        settings=TrackingSettings(track_min_hits=1),
    )
    assert pose.track_id == 1


def test_images_without_stamps_do_not_fill_the_memory() -> None:
    tracker = PersonTracker(TrackingSettings(track_min_hits=1))
    for step in range(500):
        tracker.update([pose_at(200.0 * step)], stamp=0.0, image_size=IMAGE_SIZE)
    newest, oldest = (
        tracker.update([pose_at(200.0 * step)], stamp=0.0, image_size=IMAGE_SIZE)[0].track_id
        for step in (499, 0)
    )
    # The tracker remembers the newest people only.
    assert (newest, oldest) == (500, 501)


def test_something_with_a_low_score_that_is_found_now_and_then_shows_no_id() -> None:
    thing = pose_at(300, score=0.3)
    images = [[thing] if step % 6 < 3 else [] for step in range(60)]
    assert not any(any(ids) for ids in track(PersonTracker(), images))


def test_a_person_with_a_low_score_gets_an_id_a_little_later() -> None:
    images = [[pose_at(50, score=0.3)]] * 6
    assert track(PersonTracker(), images) == [[0]] * 4 + [[1]] * 2


def test_a_person_who_was_followed_for_long_keeps_the_id_at_once_with_a_low_score() -> None:
    images = [[pose_at(50)]] * 20 + [[]] * 8 + [[pose_at(50, score=0.3)]]
    assert track(PersonTracker(), images)[-1] == [1]


def test_with_a_minimum_of_one_image_everybody_gets_an_id_at_once() -> None:
    tracker = PersonTracker(TrackingSettings(track_min_hits=1))
    assert track(tracker, [[pose_at(50, score=0.2)]]) == [[1]]


def test_keypoints_that_are_found_on_a_person_in_front_do_not_confuse_the_two() -> None:
    front = pose_at(100)
    images = [[front, pose_at(160 - 2 * step, y=95, score=0.6)] for step in range(30)]
    for _, behind in images[12:]:
        behind.keypoints[5:11] = front.keypoints[5:11]
    assert track(PersonTracker(), images)[-1] == [1, 2]


def test_somebody_who_turns_and_is_lost_for_a_moment_keeps_the_id() -> None:
    images = [[pose_at(50 + 10 * step)] for step in range(10)]
    images += [[pose_at(140 - 10 * step)] for step in range(2)]
    images += [[]] * 3 + [[pose_at(90)]]
    assert track(PersonTracker(), images)[-1] == [1]


def walkers_after_one_who_stood(start: float, step: float, y: float = 100.0) -> list[list[Pose]]:
    """Show somebody at 300, then nobody for 0.4 seconds, and then somebody who walks."""
    images = [[pose_at(300)]] * 10 + [[]] * 4
    return images + [[pose_at(start + step * number, y=y)] for number in range(4)]


def test_somebody_who_starts_to_walk_while_hidden_keeps_the_id() -> None:
    ids = track(PersonTracker(), walkers_after_one_who_stood(325, 10))
    assert ids[14:] == [[0], [0], [1], [1]]


def test_somebody_who_walks_towards_the_place_of_a_hidden_person_gets_a_new_id() -> None:
    assert track(PersonTracker(), walkers_after_one_who_stood(345, -10))[-1] == [2]


def test_somebody_who_walks_away_farther_down_than_a_hidden_person_gets_a_new_id() -> None:
    assert track(PersonTracker(), walkers_after_one_who_stood(325, 10, y=140))[-1] == [2]


@pytest.mark.parametrize('min_hits', [1, 3])
def test_somebody_new_who_stands_beside_the_place_of_a_hidden_person_gets_a_new_id(
    min_hits: int,
) -> None:
    tracker = PersonTracker(TrackingSettings(track_min_hits=min_hits))
    assert track(tracker, walkers_after_one_who_stood(313, 0))[-1] == [2]


@pytest.mark.parametrize(('min_similarity', 'number'), [(0.25, 1), (0.75, 2)])
def test_a_walker_who_is_less_similar_than_the_minimum_gets_a_new_id(
    min_similarity: float, number: int
) -> None:
    tracker = PersonTracker(TrackingSettings(track_min_similarity=min_similarity))
    assert track(tracker, walkers_after_one_who_stood(312, 3, y=106))[-1] == [number]


def test_images_without_people_are_tracked() -> None:
    assert track(PersonTracker(), [[], [], []]) == [[], [], []]


@pytest.mark.parametrize('seed', [200, 201])
def test_four_people_who_cross_keep_their_ids_in_95_of_100_detections(seed: int) -> None:
    images = SCENES['crossing'](seed)
    tracker = PersonTracker()
    found, pairs = 0, Counter[tuple[int, int]]()
    for image in images:
        poses = [one.pose for one in image.detections]
        tracked = tracker.update(poses, stamp=image.stamp, image_size=IMAGE_SIZE)
        for one, pose in zip(image.detections, tracked, strict=True):
            if one.person:
                found += 1
                pairs[one.person, pose.track_id] += bool(pose.track_id)
    owners = assign((count, person, number) for (person, number), count in pairs.items() if number)
    assert len(owners) == 4
    assert sum(pairs[pair] for pair in owners.items()) >= 0.95 * found
