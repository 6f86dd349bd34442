from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.closer_look import CloserLook
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.person_regions import Person
from posenet_ros.framing.region import frame_region
from posenet_ros.posenet.network import PoseNet
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

Image = NDArray[np.uint8]

CLOSER = AttentionSettings(attention='closer_look')
# (x, y) of the top left pixel of the tiny person, and the size.
PLACE, SIZE = (700, 300), 150


@pytest.fixture(scope='module')
def tiny(astronaut: Image) -> Image:
    """Return a picture of 1280x720 pixels with a tiny person."""
    picture = np.full((720, 1280, 3), 128, np.uint8)
    x, y = PLACE
    small = cv2.resize(astronaut, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    picture[y:, x:][:SIZE, :SIZE] = small
    return picture


def closer_look(network: PoseNet, settings: PoseSettings | None = None) -> CloserLook:
    return CloserLook(PoseEstimator(network, settings))


def sure(pose: Pose, other: Pose) -> NDArray[np.bool_]:
    """Return which keypoints both poses are sure of, bool [17]."""
    common: NDArray[np.bool_] = np.minimum(pose.keypoint_scores, other.keypoint_scores) > 0.5
    assert common.sum() >= 5
    return common


def largest_gap(pose: Pose, other: Pose) -> float:
    """Return the greatest distance of a sure keypoint in pixels."""
    gaps = np.linalg.norm(pose.keypoints - other.keypoints, axis=1)
    return float(gaps[sure(pose, other)].max())


def median_gap(pose: Pose, truth: Pose) -> float:
    """Return the median distance of the keypoints that are seen in truth, in pixels."""
    gaps = np.linalg.norm(pose.keypoints - truth.keypoints, axis=1)
    return float(np.median(gaps[truth.keypoint_scores > 0.5]))


def test_a_tiny_person_in_a_large_picture_is_placed_as_in_a_crop_by_hand(
    network_075: PoseNet, tiny: Image
) -> None:
    closer = closer_look(network_075)
    (person,) = closer.estimate(tiny, attention=CLOSER)
    (whole,) = closer.search([tiny], closer.estimator.settings, CLOSER)
    people = [Person(pose) for pose in whole.poses]
    region = closer.plan(people, replace(CLOSER, max_regions=1), whole).looks[0].region
    framing = frame_region((720, 1280), region, region_size=CLOSER.region_size, output_stride=16)
    top, left, height, width = framing.window
    crop = np.ascontiguousarray(tiny[top:, left:][:height, :width])
    input_size = 'x'.join(map(str, framing.input_size))
    estimator = PoseEstimator(network_075, PoseSettings(input_size=input_size))
    (inferred,) = estimator.infer([crop])
    by_hand = estimator.decode(inferred, refine=True)[0]
    assert largest_gap(person, by_hand.at(by_hand.keypoints + np.array((left, top)))) < 2


def test_a_tiny_person_is_placed_better_than_in_the_whole_image(
    network_075: PoseNet, tiny: Image, astronaut: Image
) -> None:
    closer = closer_look(network_075)
    (large,) = PoseEstimator(network_075).estimate(astronaut)
    truth = large.at((large.keypoints + 0.5) * SIZE / len(astronaut) - 0.5 + PLACE)
    (person,) = closer.estimate(tiny, attention=CLOSER)
    (first,) = closer.estimator.estimate(tiny)
    assert median_gap(person, truth) < median_gap(first, truth)


def test_whole_image_is_what_the_estimator_gives(network_075: PoseNet, astronaut: Image) -> None:
    closer = closer_look(network_075)
    (pose,) = closer.estimate(astronaut, attention=AttentionSettings(attention='whole_image'))
    (same,) = closer.estimator.estimate(astronaut)
    assert pose.score == same.score
    np.testing.assert_array_equal(pose.keypoints, same.keypoints)


def test_the_same_image_gives_the_same_poses(network_075: PoseNet, tiny: Image) -> None:
    closer = closer_look(network_075)
    first, second = (closer.estimate(tiny, attention=CLOSER) for _ in range(2))
    for pose, same in zip(first, second, strict=True):
        assert pose.score == same.score
        np.testing.assert_array_equal(pose.keypoints, same.keypoints)


def test_flip_horizontal_mirrors_the_positions_once(network_075: PoseNet, tiny: Image) -> None:
    (pose,) = closer_look(network_075).estimate(tiny, attention=CLOSER)
    mirrored = PoseSettings(flip_horizontal=True)
    (flipped,) = closer_look(network_075, mirrored).estimate(tiny, attention=CLOSER)
    back = flipped.keypoints * [-1, 1] + [tiny.shape[1] - 1, 0]
    assert largest_gap(pose, flipped.at(back)) < 2


def test_one_person_is_found_once(network_075: PoseNet, tiny: Image) -> None:
    settings = PoseSettings(max_pose_detections=20)
    people = closer_look(network_075, settings).estimate(tiny, attention=CLOSER)
    assert [pose.score > 0.3 for pose in people].count(True) == 1


def test_single_person_gives_at_most_one_pose_from_one_region(
    network_075: PoseNet, tiny: Image
) -> None:
    single = PoseSettings(decoding_method='single_person')
    (pose,) = closer_look(network_075, single).estimate(tiny, attention=CLOSER)
    (multi,) = closer_look(network_075).estimate(tiny, attention=CLOSER)
    assert largest_gap(pose, multi) < 0.1 * SIZE


def test_no_more_poses_are_returned_than_max_pose_detections(
    network_075: PoseNet, tiny: Image
) -> None:
    pair = tiny.copy()
    pair[:, :640] = tiny[:, 640:]
    for count in (1, 2):
        settings = PoseSettings(max_pose_detections=count)
        people = closer_look(network_075, settings).estimate(pair, attention=CLOSER)
        assert len(people) == count


def test_the_network_runs_once_for_the_image_and_once_for_each_region(
    network_075: PoseNet, tiny: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = tiny.copy()
    pair[:, :640] = tiny[:, 640:]
    closer = closer_look(network_075)
    sizes: list[tuple[int, int]] = []
    infer = closer.estimator.infer_framed

    def note(images, framings):  # type: ignore[no-untyped-def]
        sizes.extend(framing.input_size for framing in framings)
        return infer(images, framings)

    monkeypatch.setattr(closer.estimator, 'infer_framed', note)
    closer.estimate(pair, attention=replace(CLOSER, max_regions=1, region_size=200))
    (whole, (height, width)) = sizes
    assert whole == (353, 625)
    # About as many pixels as the square has: sides are multiples of 16, plus 1.
    assert (200 - 16) ** 2 < height * width < (200 + 12) ** 2


def test_an_image_without_people_has_none(network_075: PoseNet) -> None:
    blank = np.full((480, 640, 3), 128, np.uint8)
    assert closer_look(network_075).estimate(blank, attention=CLOSER) == []


@pytest.mark.parametrize(('max_batch_size', 'squares'), [(1, False), (4, True)])
def test_regions_are_as_narrow_as_people_unless_several_share_a_run(
    network_075: PoseNet, tiny: Image, max_batch_size: int, squares: bool
) -> None:
    closer = CloserLook(PoseEstimator(network_075), max_batch_size=max_batch_size)
    (whole,) = closer.search([tiny], closer.estimator.settings, CLOSER)
    plan = closer.plan([Person(pose, known=True) for pose in whole.poses], CLOSER, whole)
    assert (plan.looks[0].region.shares == (1, 1)) is squares
    assert not network_075.prefers_one_size


def test_the_work_for_an_image_is_bounded_whatever_the_settings(
    network_075: PoseNet, astronaut: Image
) -> None:
    small = cv2.resize(astronaut, (128, 128), interpolation=cv2.INTER_AREA)
    crowd = np.tile(small, (5, 6, 1)).astype(np.uint8)
    greedy = PoseSettings(score_threshold=0.0, max_pose_detections=100, min_pose_score=0.0)
    closer = closer_look(network_075, greedy)
    attention = replace(CLOSER, max_regions=20)
    (whole,) = closer.search([crowd], greedy, attention)
    people = [Person(pose) for pose in whole.poses]
    plan = closer.plan(people, attention, whole)
    found = closer.look([(crowd, look.region) for look in plan.looks], greedy, attention)
    assert len(people) <= 100
    assert len(found) <= 20
    assert max(map(len, found)) <= 6
