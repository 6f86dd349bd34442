from made_videos import walking_frames
import numpy as np
import pytest

from posenet_ros.attention import PersonFollower
from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.attention.observation import CameraImage, ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.estimation import AttentionSettings, PoseEstimator
from posenet_ros.posenet.network import PoseNet
from posenet_ros.tracking import TrackingSettings


@pytest.mark.parametrize('attention', ['whole_image', 'closer_look'])
def test_a_person_keeps_the_id_from_image_to_image(attention: str, network_075: PoseNet) -> None:
    follower = PersonFollower(
        PoseEstimator(network_075), attention=AttentionSettings(attention=attention)
    )
    ids = [
        [pose.track_id for pose in follower.follow(image, time=step / 30)]
        for step, image in enumerate(walking_frames(5))
    ]
    assert ids == [[0], [0], [1], [1], [1]]


def test_poses_are_those_of_the_estimator(network_075: PoseNet) -> None:
    estimator = PoseEstimator(network_075)
    (image,) = walking_frames(1)
    (found,), (pose,) = (
        PersonFollower(estimator).follow(image, time=0.0),
        estimator.estimate(image),
    )
    np.testing.assert_array_equal(found.keypoints, pose.keypoints)


def test_the_closer_look_remembers_the_images_before(network_075: PoseNet) -> None:
    estimator, attention = PoseEstimator(network_075), AttentionSettings(attention='closer_look')
    follower = PersonFollower(estimator, attention=attention)
    observer, camera = Observer(estimator), CameraAttention()
    settings = ObservationSettings(estimator.settings, attention, TrackingSettings())
    for step, image in enumerate(walking_frames(3)):
        taken = CameraImage(image, camera, stamp=step / 30, received=step / 30)
        (expected,) = observer.observe([taken], settings)
        followed = follower.follow(image, time=step / 30)
        for one, other in zip(followed, expected.poses, strict=True):
            np.testing.assert_array_equal(one.keypoints, other.keypoints)


def test_a_person_who_is_away_for_too_long_in_time_gets_a_new_id(network_075: PoseNet) -> None:
    follower = PersonFollower(
        PoseEstimator(network_075), tracking=TrackingSettings(track_min_hits=1)
    )
    image, empty = walking_frames(1)[0], np.zeros((256, 256, 3), np.uint8)
    times = [0.0, 0.1, 0.2, 5.0]
    images = [image, image, empty, image]
    ids = [
        [pose.track_id for pose in follower.follow(one, time=time)]
        for one, time in zip(images, times, strict=True)
    ]
    assert ids == [[1], [1], [], [2]]


def test_a_skipped_image_counts_as_one_without_people(network_075: PoseNet) -> None:
    follower = PersonFollower(
        PoseEstimator(network_075), tracking=TrackingSettings(track_min_hits=1)
    )
    follower.skip(time=-1.0)  # before the first image, there is nobody to miss
    (image,) = walking_frames(1)
    assert [pose.track_id for pose in follower.follow(image, time=0.0)] == [1]
    follower.skip(time=0.9)
    assert [pose.track_id for pose in follower.follow(image, time=1.8)] == [2]
