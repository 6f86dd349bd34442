from golden import Case, CASES_WITH_PICTURE, difference, framing
from networks import load
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.estimation.estimator import Inferred, PoseEstimator
from posenet_ros.framing.framing import Framing, Size
from posenet_ros.framing.region import frame_region, Region
from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.network import PoseNet
from posenet_ros.settings import PoseSettings


@pytest.mark.parametrize('case', CASES_WITH_PICTURE.values(), ids=CASES_WITH_PICTURE)
def test_a_picture_gives_the_references_poses(case: Case) -> None:
    figures = case.figures
    image = case.picture()
    estimator = PoseEstimator(load(figures['model'], figures['output_stride']))
    for run in figures['runs']:
        estimator.settings = PoseSettings(**framing(case), **run['params'], min_pose_score=0.0)
        poses = estimator.estimate(image)
        assert len(poses) == len(run['multi'])
        scale = estimator.frame((image.shape[0], image.shape[1])).scale[::-1]
        for pose, reference in zip(poses, run['multi'], strict=True):
            found = difference(pose, reference)
            assert found.score < 0.01
            # In pixels of the network input.
            assert (np.hypot(*(found.offsets / scale).T) < 0.5).all()


@pytest.mark.parametrize('case', CASES_WITH_PICTURE.values(), ids=CASES_WITH_PICTURE)
def test_a_picture_gives_the_references_single_pose(case: Case) -> None:
    figures = case.figures
    image = case.picture()
    settings = PoseSettings(**framing(case), decoding_method='single_person', min_pose_score=0.0)
    estimator = PoseEstimator(load(figures['model'], figures['output_stride']), settings)
    (pose,) = estimator.estimate(image)
    found = difference(pose, figures['runs'][0]['single'])
    scale = estimator.frame((image.shape[0], image.shape[1])).scale[::-1]
    assert found.score < 0.01
    assert (np.hypot(*(found.offsets / scale).T) < 0.5).all()


@pytest.mark.parametrize(
    ('height', 'width'), [(512, 512), (300, 512), (512, 400)], ids=['square', 'wide', 'high']
)
def test_flipping_mirrors_the_positions_in_the_image(
    network_075: PoseNet, astronaut: NDArray[np.uint8], height: int, width: int
) -> None:
    picture = np.ascontiguousarray(astronaut[:height, :width])
    (pose,) = PoseEstimator(network_075).estimate(picture)
    (flipped,) = PoseEstimator(network_075, PoseSettings(flip_horizontal=True)).estimate(picture)
    np.testing.assert_allclose(flipped.keypoints[:, 0], width - 1 - pose.keypoints[:, 0])
    np.testing.assert_array_equal(flipped.keypoints[:, 1], pose.keypoints[:, 1])


def test_new_settings_apply_to_the_next_image(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    estimator = PoseEstimator(network_075)
    assert len(estimator.estimate(astronaut)) == 1
    estimator.settings = PoseSettings(score_threshold=1.0)
    assert estimator.estimate(astronaut) == []


def test_images_in_one_run_give_the_same_heads_as_in_separate_runs(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    estimator = PoseEstimator(network_075)
    images = [astronaut, np.ascontiguousarray(astronaut[::-1])]
    for image, together in zip(images, estimator.infer(images), strict=True):
        (alone,) = estimator.infer([image])
        np.testing.assert_allclose(together.outputs.offsets, alone.outputs.offsets, atol=1e-3)


def test_images_of_different_sizes_in_one_run_are_refused(network_075: PoseNet) -> None:
    images = [np.zeros((size, 64, 3), np.uint8) for size in (64, 65)]
    with pytest.raises(ImageError, match='65'):
        PoseEstimator(network_075).infer(images)


def test_regions_of_images_give_the_heads_of_the_regions_cropped_by_hand(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    estimator = PoseEstimator(network_075)
    images = [astronaut, astronaut, astronaut[:300, :200]]
    regions = [Region((200, 60), 150.0), Region((230, 210), 420), Region((10, 250), 130)]
    framings = [
        frame_region((image.shape[0], image.shape[1]), region, region_size=257, output_stride=16)
        for image, region in zip(images, regions, strict=True)
    ]
    settings = PoseSettings(input_size='257x257')
    for image, inferred in zip(images, estimator.infer_framed(images, framings), strict=True):
        window = inferred.framing.window
        padded = np.pad(image, ((300, 300), (300, 300), (0, 0)))
        rows = slice(window.top + 300, window.top + 300 + window.height)
        columns = slice(window.left + 300, window.left + 300 + window.width)
        (expected,) = estimator.infer([padded[rows, columns]], settings)
        for name in CHANNELS:
            found, wanted = (getattr(one.outputs, name) for one in (inferred, expected))
            np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_a_pose_in_a_region_is_in_pixels_of_the_image(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    estimator = PoseEstimator(network_075)
    framing = frame_region((512, 512), Region((256, 256), 512), region_size=257, output_stride=16)
    shifted = np.pad(astronaut, ((100, 0), (40, 0), (0, 0)))
    moved = frame_region((612, 552), Region((296, 356), 512), region_size=257, output_stride=16)
    inferred = estimator.infer_framed([astronaut, shifted], [framing, moved])
    (pose,), (other,) = (estimator.decode(one) for one in inferred)
    np.testing.assert_allclose(other.keypoints, pose.keypoints + np.array([40, 100]), atol=1e-3)


def test_estimate_is_infer_followed_by_decode(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    settings = PoseSettings(input_size='257x193')
    estimator = PoseEstimator(network_075)
    (inferred,) = estimator.infer([astronaut], settings)
    (pose,), (expected,) = (
        estimator.decode(inferred, settings),
        estimator.estimate(astronaut, settings),
    )
    np.testing.assert_array_equal(pose.keypoints, expected.keypoints)
    assert pose.score == expected.score


def test_the_framing_travels_with_the_outputs(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    settings = PoseSettings(input_size='257x193')
    (inferred,) = PoseEstimator(network_075).infer([astronaut[:300]], settings)
    assert inferred.framing == network_075.frame((300, 512), settings)
    assert inferred.framing.image_size == (300, 512)


def test_an_image_is_decoded_with_the_framing_that_it_was_inferred_with(
    network_075: PoseNet, astronaut: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    estimator = PoseEstimator(network_075)
    (inferred,) = estimator.infer([astronaut])
    (expected,) = estimator.decode(inferred)
    # Twice as large, at the same network input.
    doubled = stretched((1024, 1024), inferred.framing.input_size)

    def frame_again(self: PoseNet, image_size: Size, settings: PoseSettings) -> Framing:
        raise AssertionError('the framing is computed again')

    monkeypatch.setattr(PoseNet, 'frame', frame_again)
    (pose,) = estimator.decode(Inferred(doubled, inferred.outputs))
    np.testing.assert_allclose(pose.keypoints, 2 * expected.keypoints)


def test_new_settings_do_not_change_the_framing_of_inferred_images(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    estimator = PoseEstimator(network_075)
    (inferred,) = estimator.infer([astronaut], PoseSettings(input_size='257x193'))
    (pose,) = estimator.decode(inferred, PoseSettings(image_scale_factor=1.0))
    (expected,) = estimator.estimate(astronaut, PoseSettings(input_size='257x193'))
    np.testing.assert_array_equal(pose.keypoints, expected.keypoints)


@pytest.mark.parametrize('flip', [False, True])
def test_poses_match_the_image_that_mirrored_as_poses_returns(
    network_075: PoseNet, astronaut: NDArray[np.uint8], flip: bool
) -> None:
    settings = PoseSettings(flip_horizontal=flip)
    seen = PoseEstimator(network_075, settings).mirrored_as_poses(astronaut)
    np.testing.assert_array_equal(seen, astronaut[:, ::-1] if flip else astronaut)


def test_a_smaller_nms_radius_finds_more_poses_in_a_picture(
    network_075: PoseNet, astronaut: NDArray[np.uint8]
) -> None:
    found = [
        PoseEstimator(network_075).estimate(
            astronaut,
            PoseSettings(
                score_threshold=0.05,
                max_pose_detections=50,
                nms_radius=radius,
                min_pose_score=0.0,
            ),
        )
        for radius in (1.0, 20.0, 1000.0)
    ]
    assert len(found[0]) > len(found[1]) > len(found[2]) == 1


@pytest.mark.parametrize('shape', [(1, 1, 3), (1, 300, 3), (300, 1, 3), (2, 3, 3)])
def test_nobody_is_found_in_the_smallest_images(
    network_075: PoseNet, shape: tuple[int, int, int]
) -> None:
    assert PoseEstimator(network_075).estimate(np.zeros(shape, np.uint8)) == []


@pytest.mark.parametrize('size', [(1, 100_000), (100_000, 1), (36_000_000, 1), (40_000, 30)])
@pytest.mark.parametrize('input_size', ['', '257x257'])
def test_an_image_of_an_extreme_size_gives_poses_or_one_clear_error(
    network_075: PoseNet, size: Size, input_size: str
) -> None:
    estimator = PoseEstimator(network_075, PoseSettings(input_size=input_size))
    image = np.zeros((*size, 3), np.uint8)
    if size == (36_000_000, 1) and not input_size:
        with pytest.raises(ImageError, match=r'1x36000000.*lower image_scale_factor'):
            estimator.estimate(image)
    else:
        assert estimator.estimate(image) == []
