from dataclasses import replace

import cv2
from golden import ROOT
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.attention.observation import CameraImage, Observation, ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.errors import NetworkError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.image_files import read_image
from posenet_ros.posenet.network import PoseNet
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking.tracking_settings import TrackingSettings

SETTINGS = ObservationSettings(
    PoseSettings(max_pose_detections=30),
    AttentionSettings(attention='closer_look', search_interval=1.0),
    TrackingSettings(),
)

Pixels = NDArray[np.uint8]


@pytest.fixture
def observer(network_075: PoseNet) -> Observer:
    return Observer(PoseEstimator(network_075))


@pytest.fixture
def room(astronaut: Pixels) -> Pixels:
    """Return a picture, 480x640, with a person of about 190 pixels on the left."""
    return shown(astronaut, 150)


def shown(person: Pixels, *places: int) -> Pixels:
    """Return a grey picture, 480x640, with a small copy of a person's picture at each x."""
    room = np.full((480, 640, 3), 90, np.uint8)
    small = cv2.resize(person, (200, 200), interpolation=cv2.INTER_AREA)
    for x in places:
        left, right = x - 100, x + 100
        room[150:350, left:right] = small
    return room


def watch(
    observer: Observer,
    attention: CameraAttention,
    *images: Pixels,
    start: float = 10.0,
    settings: ObservationSettings = SETTINGS,
) -> list[Observation]:
    """Return what is observed in images of one camera, 0.1 s apart."""
    return [
        observer.observe(
            [CameraImage(image, attention, stamp=start + 0.1 * step, received=0.0)], settings
        )[0]
        for step, image in enumerate(images)
    ]


def work(observations: list[Observation]) -> list[tuple[bool, int]]:
    return [(one.work.searched, one.work.regions) for one in observations]


def test_after_the_first_image_only_regions_around_known_people_are_processed(
    observer: Observer, room: Pixels
) -> None:
    observations = watch(observer, CameraAttention(), *[room] * 12)
    assert [one.work.searched for one in observations] == [True, *[False] * 9, True, False]
    assert [one.work.regions for one in observations] == [1] * 12
    assert [len(one.poses) for one in observations] == [1] * 12


def test_an_empty_room_costs_nothing_between_searches(observer: Observer) -> None:
    empty = np.full((480, 640, 3), 90, np.uint8)
    observations = watch(observer, CameraAttention(), *[empty] * 3)
    assert work(observations) == [(True, 0), (False, 0), (False, 0)]
    assert [one.poses for one in observations] == [[], [], []]


def test_a_person_is_followed_without_another_search(
    observer: Observer, astronaut: Pixels
) -> None:
    images = [shown(astronaut, 150 + 8 * step) for step in range(8)]
    observations = watch(observer, CameraAttention(), *images)
    assert work(observations) == [(True, 1), *[(False, 1)] * 7]
    noses = [one.poses[0].keypoints[0, 0] for one in observations]
    np.testing.assert_allclose(np.diff(noses), 8, atol=3)


def test_somebody_new_is_found_within_search_interval(
    observer: Observer, astronaut: Pixels
) -> None:
    one, two = shown(astronaut, 150), shown(astronaut, 150, 450)
    observations = watch(observer, CameraAttention(), *[one] * 5, *[two] * 7)
    assert [len(each.poses) for each in observations] == [*[1] * 10, 2, 2]


def test_after_somebody_left_the_next_image_is_searched(
    observer: Observer, astronaut: Pixels
) -> None:
    one, two = shown(astronaut, 150), shown(astronaut, 150, 450)
    observations = watch(observer, CameraAttention(), *[two] * 3, *[one] * 3)
    assert [len(each.poses) for each in observations] == [2, 2, 2, 1, 1, 1]
    assert [each.work.searched for each in observations] == [True, *[False] * 3, True, False]


def test_with_more_people_than_regions_each_gets_a_region_in_turn(
    observer: Observer, astronaut: Pixels
) -> None:
    few = replace(SETTINGS, attention=replace(SETTINGS.attention, max_regions=1))
    crowd = shown(astronaut, 100, 320, 540)
    observations = watch(observer, CameraAttention(), *[crowd] * 4, settings=few)
    assert work(observations) == [(True, 1)] * 4
    assert [one.work.left_out for one in observations] == [2] * 4
    assert [len(one.poses) for one in observations] == [3] * 4


def test_a_picture_that_is_repeated_has_the_same_people_in_every_image(
    observer: Observer,
) -> None:
    picture = read_image(ROOT / 'demo' / 'people.jpg')
    larger = replace(SETTINGS, attention=replace(SETTINGS.attention, region_size=289))
    observations = watch(observer, CameraAttention(), *[picture] * 20, settings=larger)
    assert [len(one.poses) for one in observations] == [2] * 20


def test_cameras_that_are_observed_together_do_not_affect_one_another(
    observer: Observer, astronaut: Pixels
) -> None:
    left, right = CameraAttention(), CameraAttention()
    images = [shown(astronaut, 150), shown(astronaut, 420)]
    for step in range(3):
        together = observer.observe(
            [
                CameraImage(image, attention, stamp=10 + 0.1 * step, received=0.0)
                for image, attention in zip(images, [left, right], strict=True)
            ],
            SETTINGS,
        )
    for image, observed in zip(images, together, strict=True):
        alone = watch(observer, CameraAttention(), *[image] * 3)[-1]
        assert work([observed]) == work([alone])
        np.testing.assert_allclose(
            observed.poses[0].keypoints, alone.poses[0].keypoints, atol=1e-6
        )


def test_the_same_images_give_the_same_poses(observer: Observer, astronaut: Pixels) -> None:
    images = [shown(astronaut, 150 + 5 * step, 430) for step in range(4)]
    first, second = (watch(observer, CameraAttention(), *images) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        for pose, same in zip(one.poses, other.poses, strict=True):
            np.testing.assert_array_equal(pose.keypoints, same.keypoints)
            assert pose.score == same.score


def test_mirrored_poses_are_followed_as_well(observer: Observer, astronaut: Pixels) -> None:
    mirrored = replace(SETTINGS, poses=replace(SETTINGS.poses, flip_horizontal=True))
    images = [shown(astronaut, 150 + 8 * step) for step in range(4)]
    plain = watch(observer, CameraAttention(), *images)
    flipped = watch(observer, CameraAttention(), *images, settings=mirrored)
    assert work(flipped) == work(plain)
    for one, other in zip(plain, flipped, strict=True):
        expected = 639 - one.poses[0].keypoints[:, 0]
        # Regions are rounded to whole pixels on the other side.
        np.testing.assert_allclose(other.poses[0].keypoints[:, 0], expected, atol=3)


def test_an_image_that_failed_counts_as_not_taken(
    observer: Observer, room: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    attention = CameraAttention()

    def fail(*_: object) -> None:
        raise NetworkError('interrupted')

    with monkeypatch.context() as patched:
        patched.setattr(PoseNet, 'infer', fail)
        with pytest.raises(NetworkError):
            watch(observer, attention, room)
    (observed,) = watch(observer, attention, room, start=10.1)
    assert (observed.work.searched, len(observed.poses)) == (True, 1)
