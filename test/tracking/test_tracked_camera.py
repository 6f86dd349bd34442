from made_people import IMAGE_SIZE
from made_poses import pose_at
from made_scenes import SCENES
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.poses import Pose
from posenet_ros.tracking import tracked_camera
from posenet_ros.tracking.person_tracker import PersonTracker
from posenet_ros.tracking.smoothing import PoseSmoother
from posenet_ros.tracking.tracked_camera import TrackedCamera
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = TrackingSettings()


def track(
    camera: TrackedCamera, x: float, *, stamp: float | None, received: float = 0.0
) -> list[Pose]:
    """Return the pose of one person at x."""
    return camera.track(
        [pose_at(x)], stamp=stamp, received=received, image_size=IMAGE_SIZE, settings=SETTINGS
    )


def ids(camera: TrackedCamera, times: list[tuple[float | None, float]]) -> list[int]:
    """Return the ids of a person who stays, in images with these stamps and receptions."""
    return [
        track(camera, 50, stamp=stamp, received=received)[0].track_id for stamp, received in times
    ]


def smoothed(camera: TrackedCamera, x: float, stamp: float) -> NDArray[np.float64]:
    track(camera, x, stamp=stamp)
    (pose,) = camera.smooth()
    return pose.keypoints


def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError('unexpected')


def test_images_without_stamps_count_as_taken_when_they_were_received() -> None:
    camera = TrackedCamera()
    assert ids(camera, [(None, 7.0), (None, 7.1), (None, 7.2), (None, 8.1)])[-1] == 1
    assert ids(camera, [(None, 80.0)]) == [0]


def test_a_single_image_without_a_stamp_is_between_those_with_one() -> None:
    camera = TrackedCamera()
    times = [(500.0 + 0.1 * step, 7.0 + 0.1 * step) for step in range(10)]
    mixed = [(None if step == 5 else stamp, now) for step, (stamp, now) in enumerate(times)]
    assert ids(camera, mixed) == [0, 0, *[1] * 8]


def test_a_stamp_that_never_changes_counts_as_none() -> None:
    camera = TrackedCamera()
    assert ids(camera, [(500.0, 7.0), (500.0, 7.1), (500.0, 7.2), (500.0, 8.1)])[-1] == 1
    assert ids(camera, [(500.0, 80.0)]) == [0]
    for step in range(20):
        track(camera, 50 + step, stamp=500.0, received=81 + step / 10)
        (pose,) = camera.smooth()
    assert pose.keypoints[0, 0] == pytest.approx(69, abs=2)


def test_a_recording_whose_first_stamp_is_zero_counts_in_stamps() -> None:
    camera = TrackedCamera()
    assert ids(camera, [(None, 0.0), (0.1, 100.0), (0.2, 200.0), (0.3, 300.0)]) == [0, 0, 1, 1]


def test_a_jump_back_of_the_stamps_starts_anew() -> None:
    camera = TrackedCamera()
    times: list[tuple[float | None, float]] = [(500.0 + 0.1 * step, 0.0) for step in range(5)]
    assert ids(camera, times) == [0, 0, 1, 1, 1]
    assert ids(camera, [(3.0, 0.0), (3.1, 0.0), (3.2, 0.0)]) == [0, 0, 1]


def test_a_single_stamp_far_ahead_ends_no_track() -> None:
    camera = TrackedCamera()
    times = [(500.0 + 0.1 * step, 7.0 + 0.1 * step) for step in range(10)]
    glitch = [(stamp + 3600 * (step == 5), now) for step, (stamp, now) in enumerate(times)]
    assert ids(camera, [*glitch]) == [0, 0, *[1] * 8]


def test_stamps_that_stay_far_ahead_end_all_tracks_one_image_later() -> None:
    camera = TrackedCamera()
    times = [(500.0 + 0.1 * step, 7.0 + 0.1 * step) for step in range(10)]
    jump = [(stamp + 3600 * (step >= 5), now) for step, (stamp, now) in enumerate(times)]
    assert ids(camera, [*jump]) == [0, 0, 1, 1, 1, 1, 0, 0, 2, 2]


def test_a_camera_that_sent_nothing_for_long_has_the_time_of_its_stamp_at_once() -> None:
    camera = TrackedCamera()
    times: list[tuple[float | None, float]] = [(500.0 + step, 7.0 + step) for step in range(4)]
    assert ids(camera, [*times, (4100.0, 3607.0)]) == [0, 0, 1, 1, 0]


def test_smoothed_keypoints_follow_the_images_before() -> None:
    camera = TrackedCamera()
    for step in range(20):
        smoothed(camera, 50, step / 30)
    offsets = smoothed(camera, 53, 20 / 30) - pose_at(53).keypoints
    assert (offsets[:, 0] < -1).all()


def test_after_an_image_that_was_not_smoothed_the_filters_start_anew() -> None:
    camera = TrackedCamera()
    for step in range(20):
        smoothed(camera, 50, step / 30)
    track(camera, 53, stamp=20 / 30)
    np.testing.assert_array_equal(smoothed(camera, 53, 21 / 30), pose_at(53).keypoints)


def test_after_an_error_the_filters_start_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = TrackedCamera()
    for step in range(20):
        smoothed(camera, 50, step / 30)
    with monkeypatch.context() as patched:
        patched.setattr(PoseSmoother, 'update', fail)
        with pytest.raises(ZeroDivisionError):
            smoothed(camera, 50, 20 / 30)
    np.testing.assert_array_equal(smoothed(camera, 53, 21 / 30), pose_at(53).keypoints)


def test_nobody_gets_a_number_again_after_everybody_was_forgotten() -> None:
    camera = TrackedCamera()
    times: list[tuple[float | None, float]] = [(500.0 + 0.1 * step, 0.0) for step in range(8)]
    assert ids(camera, times[:4]) == [0, 0, 1, 1]
    camera.forget([])
    assert ids(camera, times[4:]) == [0, 0, 2, 2]


def test_after_everybody_was_forgotten_poses_have_no_ids_and_are_not_smoothed() -> None:
    camera, pose = TrackedCamera(), pose_at(53)
    for step in range(20):
        smoothed(camera, 50, step / 30)
    camera.forget([pose])
    assert camera.smooth() == [pose]


def test_nothing_is_prepared_for_smoothing_or_tracking_that_is_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    camera = TrackedCamera()
    monkeypatch.setattr(tracked_camera, 'PoseSmoother', fail)
    assert ids(camera, [(0.1 * step, 0.0) for step in range(1, 5)])[-1] == 1
    monkeypatch.setattr(tracked_camera, 'gather', fail)
    off = TrackingSettings(tracking=False)
    camera.track([pose_at(50)], stamp=0.6, received=0.0, image_size=IMAGE_SIZE, settings=off)


def test_keypoints_are_smoothed_as_by_a_tracker_and_a_smoother_of_their_own() -> None:
    camera, tracker, smoother = TrackedCamera(), PersonTracker(), PoseSmoother()
    for image in SCENES['false_detections'](0)[:60]:
        poses = [one.pose for one in image.detections]
        camera.track(
            poses, stamp=image.stamp, received=0.0, image_size=IMAGE_SIZE, settings=SETTINGS
        )
        both = camera.smooth()
        tracked = tracker.update(poses, stamp=image.stamp, image_size=IMAGE_SIZE)
        apart = smoother.update(tracked, stamp=image.stamp, image_size=IMAGE_SIZE)
        assert [pose.track_id for pose in both] == [pose.track_id for pose in apart]
        for one, other in zip(both, apart, strict=True):
            np.testing.assert_array_equal(one.keypoints, other.keypoints)
            np.testing.assert_array_equal(one.keypoint_scores, other.keypoint_scores)
