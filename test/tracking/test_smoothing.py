from made_people import IMAGE_SIZE
from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.poses import Pose
from posenet_ros.tracking import PoseSmoother, TrackingSettings

HOLD = TrackingSettings(smoothing_hold=True)


def smooth(smoother: PoseSmoother, *poses: Pose, stamp: float) -> list[Pose]:
    return smoother.update(poses, stamp=stamp, image_size=IMAGE_SIZE)


def with_lost_wrist(x: float) -> Pose:
    """Return a pose whose left wrist has a low score and is far away."""
    pose = pose_at(x, track_id=1)
    pose.keypoints[9] = 400, 400
    pose.keypoint_scores[9] = 0.1
    return pose


def test_a_small_step_is_smoothed() -> None:
    smoother = PoseSmoother()
    smooth(smoother, pose_at(50, track_id=1), stamp=0.0)
    (pose,) = smooth(smoother, pose_at(51, track_id=1), stamp=1 / 30)
    assert 50 < pose.keypoints[0, 0] < 50.5
    assert (pose.track_id, pose.score) == (1, 0.8)


def test_the_poses_that_come_in_stay_as_they_are() -> None:
    smoother = PoseSmoother()
    smooth(smoother, pose_at(50, track_id=1), stamp=0.0)
    raw = pose_at(51, track_id=1)
    smooth(smoother, raw, stamp=1 / 30)
    assert raw.keypoints[0, 0] == 51


def test_each_person_has_filters_and_the_order_stays() -> None:
    smoother = PoseSmoother()
    smooth(smoother, pose_at(50, track_id=1), pose_at(300, track_id=7), stamp=0.0)
    nobody = pose_at(500)
    other, new, one = smooth(
        smoother, pose_at(301, track_id=7), nobody, pose_at(51, track_id=1), stamp=1 / 30
    )
    assert new is nobody
    assert 300 < other.keypoints[0, 0] < 300.5
    assert 50 < one.keypoints[0, 0] < 50.5


def test_a_keypoint_with_a_low_score_does_not_pull() -> None:
    smoother = PoseSmoother()
    before = pose_at(50, track_id=1).keypoints[9]
    smooth(smoother, pose_at(50, track_id=1), stamp=0.0)
    (lost,) = smooth(smoother, with_lost_wrist(50), stamp=0.1)
    assert lost.keypoints[9].tolist() == [400, 400]
    assert lost.keypoint_scores[9] == pytest.approx(0.1)
    (found,) = smooth(smoother, pose_at(50, track_id=1), stamp=0.2)
    assert found.keypoints[9] == pytest.approx(before)


@pytest.mark.parametrize('score', [0.1, 0.9, np.nan])
@pytest.mark.parametrize('place', [np.inf, -np.inf, np.nan])
def test_a_keypoint_without_a_finite_position_disturbs_no_filter(
    place: float, score: float
) -> None:
    smoother = PoseSmoother()
    broken = pose_at(50, track_id=1)
    broken.keypoints[9, 0] = place
    broken.keypoint_scores[9] = score
    first, _, last = (
        smooth(smoother, pose, stamp=stamp)[0]
        for pose, stamp in ((broken, 0.0), (pose_at(50, track_id=1), 0.1), (broken, 0.2))
    )
    for pose in (first, last):
        assert np.isnan(pose.keypoints[9]).all()
        assert np.isfinite(np.delete(pose.keypoints, 9, axis=0)).all()
    (found,) = smooth(smoother, pose_at(50, track_id=1), stamp=0.3)
    assert found.keypoints == pytest.approx(pose_at(50).keypoints)


def test_a_lost_keypoint_is_held_with_a_falling_score() -> None:
    smoother = PoseSmoother(HOLD)
    smooth(smoother, pose_at(50, track_id=1), stamp=0.0)
    (early,) = smooth(smoother, with_lost_wrist(50), stamp=0.25)
    (late,) = smooth(smoother, with_lost_wrist(50), stamp=0.75)
    assert early.keypoints[9] == pytest.approx(pose_at(50).keypoints[9])
    assert early.keypoint_scores[9] == pytest.approx(0.9 * 0.75)
    assert late.keypoint_scores[9] == pytest.approx(0.9 * 0.25)


def wrist_of(x: float, score: float) -> Pose:
    pose = pose_at(x, track_id=1)
    pose.keypoint_scores[9] = score
    return pose


def test_a_keypoint_whose_score_wavers_around_the_threshold_does_not_jump() -> None:
    smoother = PoseSmoother()
    places = []
    for step in range(40):
        # With jitter of 2 pixels, in every image without exception.
        pose = wrist_of(50 + 2 * (-1) ** step, 0.32 if step % 2 else 0.28)
        if not step:
            pose.keypoint_scores[9] = 0.32
        (smoothed,) = smooth(smoother, pose, stamp=step / 30)
        places.append(smoothed.keypoints[9, 0])
    assert np.abs(np.diff(places[1:])).max() < 0.5


def test_a_keypoint_that_was_lost_comes_back_with_the_score_of_a_new_one_only() -> None:
    smoother = PoseSmoother()
    smooth(smoother, wrist_of(50, 0.9), stamp=0.0)
    smooth(smoother, wrist_of(50, 0.1), stamp=0.1)
    (weak,) = smooth(smoother, wrist_of(60, 0.28), stamp=0.2)
    assert weak.keypoints[9] == pytest.approx(pose_at(60).keypoints[9])


def test_a_keypoint_is_not_held_with_a_higher_score_in_an_image_that_was_overtaken() -> None:
    smoother = PoseSmoother(HOLD)
    smooth(smoother, pose_at(50, track_id=1), stamp=10.2)
    (pose,) = smooth(smoother, with_lost_wrist(50), stamp=10.05)
    assert pose.keypoint_scores[9] == pytest.approx(0.9)


def test_images_with_one_stamp_do_not_fill_the_memory() -> None:
    smoother = PoseSmoother()
    for number in range(1, 1001):
        smooth(smoother, pose_at(50, track_id=number), stamp=0.0)
    assert len(smoother) < 500
    (old,) = smooth(smoother, pose_at(90, track_id=1), stamp=0.0)
    assert old.keypoints[0, 0] == 90
    (newest,) = smooth(smoother, pose_at(90, track_id=1000), stamp=0.0)
    assert newest.keypoints[0, 0] == 50


def test_a_keypoint_is_held_for_the_maximum_age_only() -> None:
    smoother = PoseSmoother(HOLD)
    smooth(smoother, pose_at(50, track_id=1), stamp=0.0)
    (pose,) = smooth(smoother, with_lost_wrist(50), stamp=1.0)
    assert pose.keypoint_scores[9] == pytest.approx(0.1)


def test_a_person_who_was_away_too_long_starts_anew() -> None:
    smoother = PoseSmoother()
    smooth(smoother, pose_at(50, track_id=1), stamp=0.0)
    smooth(smoother, stamp=2.0)
    (pose,) = smooth(smoother, pose_at(53, track_id=1), stamp=2.1)
    assert pose.keypoints[0, 0] == 53


def test_a_jump_back_in_time_starts_anew() -> None:
    smoother = PoseSmoother()
    smooth(smoother, pose_at(50, track_id=1), stamp=100.0)
    (pose,) = smooth(smoother, pose_at(53, track_id=1), stamp=5.0)
    assert pose.keypoints[0, 0] == 53


def test_a_recording_that_starts_again_is_smoothed_however_short_it_is() -> None:
    smoother = PoseSmoother(TrackingSettings(track_max_age=10.0))
    for _ in range(2):
        first, second = (
            smooth(smoother, pose_at(x, track_id=1), stamp=stamp)[0].keypoints[0, 0]
            for x, stamp in ((50, 100.0), (90, 100.5))
        )
        assert first == 50
        assert second > 80


def test_without_people_with_ids_nothing_is_smoothed() -> None:
    poses = [pose_at(50), pose_at(300)]
    assert smooth(PoseSmoother(), *poses, stamp=0.0) == poses
