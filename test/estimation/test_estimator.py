from golden import Case, CASES_WITH_PICTURE, difference, framing
from networks import load
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.network import Network
from posenet_ros.settings import PoseSettings


@pytest.mark.parametrize('case', CASES_WITH_PICTURE.values(), ids=CASES_WITH_PICTURE)
def test_a_picture_gives_the_references_poses(case: Case) -> None:
    figures = case.figures
    image = case.picture()
    estimator = PoseEstimator(load(figures['model'], figures['output_stride']))
    for run in figures['runs']:
        estimator.settings = PoseSettings(**framing(case), **run['params'])
        poses = estimator.estimate(image)
        assert len(poses) == len(run['multi'])
        scale = estimator.transform((image.shape[0], image.shape[1])).scale[::-1]
        for pose, reference in zip(poses, run['multi'], strict=True):
            found = difference(pose, reference)
            assert found.score < 0.01
            # In pixels of the network input.
            assert (np.hypot(*(found.offsets / scale).T) < 0.5).all()


@pytest.mark.parametrize('case', CASES_WITH_PICTURE.values(), ids=CASES_WITH_PICTURE)
def test_a_picture_gives_the_references_single_pose(case: Case) -> None:
    figures = case.figures
    image = case.picture()
    settings = PoseSettings(**framing(case), decoding_method='single_person')
    estimator = PoseEstimator(load(figures['model'], figures['output_stride']), settings)
    (pose,) = estimator.estimate(image)
    found = difference(pose, figures['runs'][0]['single'])
    scale = estimator.transform((image.shape[0], image.shape[1])).scale[::-1]
    assert found.score < 0.01
    assert (np.hypot(*(found.offsets / scale).T) < 0.5).all()


def test_flipping_mirrors_the_positions_in_the_image(
    network_075: Network, astronaut: NDArray[np.uint8]
) -> None:
    (pose,) = PoseEstimator(network_075).estimate(astronaut)
    (flipped,) = PoseEstimator(network_075, PoseSettings(flip_horizontal=True)).estimate(astronaut)
    np.testing.assert_allclose(flipped.keypoints[:, 0], 511 - pose.keypoints[:, 0])
    np.testing.assert_array_equal(flipped.keypoints[:, 1], pose.keypoints[:, 1])


def test_settings_count_from_the_next_image_on(
    network_075: Network, astronaut: NDArray[np.uint8]
) -> None:
    estimator = PoseEstimator(network_075)
    assert len(estimator.estimate(astronaut)) == 1
    estimator.settings = PoseSettings(score_threshold=1.0)
    assert estimator.estimate(astronaut) == []


def test_images_in_one_run_give_the_heads_that_each_gives_alone(
    network_075: Network, astronaut: NDArray[np.uint8]
) -> None:
    estimator = PoseEstimator(network_075)
    images = [astronaut, np.ascontiguousarray(astronaut[::-1])]
    for image, together in zip(images, estimator.heads(images), strict=True):
        (alone,) = estimator.heads([image])
        np.testing.assert_allclose(together.offsets, alone.offsets, atol=1e-3)


def test_images_of_several_sizes_in_one_run_are_refused(network_075: Network) -> None:
    images = [np.zeros((size, 64, 3), np.uint8) for size in (64, 65)]
    with pytest.raises(ImageError, match='65'):
        PoseEstimator(network_075).heads(images)


@pytest.mark.parametrize('shape', [(1, 1, 3), (1, 300, 3), (300, 1, 3), (2, 3, 3)])
def test_the_smallest_images_have_nobody_in_them(
    network_075: Network, shape: tuple[int, int, int]
) -> None:
    assert PoseEstimator(network_075).estimate(np.zeros(shape, np.uint8)) == []
