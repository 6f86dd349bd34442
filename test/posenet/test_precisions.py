"""The distance of reduced precision from float32, in pixels of the network input."""

from golden import CASES_WITH_PICTURE
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import ModelNotFoundError
from posenet_ros.estimation.agreement import nearest_distances
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_network
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.settings import PoseSettings


@pytest.fixture(scope='module')
def full() -> PoseEstimator:
    return _estimator('float32')


@pytest.fixture(scope='module')
def half() -> PoseEstimator:
    return _estimator('float16')


def _estimator(precision: str) -> PoseEstimator:
    runtime = RuntimeSettings(execution_provider='cpu', precision=precision)
    try:
        return PoseEstimator(load_network(ModelSettings(), runtime))
    except ModelNotFoundError as error:
        pytest.skip(str(error))


def test_float16_is_within_a_pixel_of_float32(full: PoseEstimator, half: PoseEstimator) -> None:
    errors = np.concatenate(
        [
            distances(full, half, case.picture(), PoseSettings(input_size=input_size))
            for case in CASES_WITH_PICTURE.values()
            for input_size in ('257x257', '353x481')
        ]
    )
    # When two cells of a heatmap have nearly the same score, the other one may win.
    assert (errors < 1).mean() > 0.99
    assert errors.max() < 4


def distances(
    full: PoseEstimator, half: PoseEstimator, image: NDArray[np.uint8], settings: PoseSettings
) -> NDArray[np.float64]:
    """Return the distances of keypoints scored over 0.5, in pixels of the network input."""
    scale = full.frame((image.shape[0], image.shape[1]), settings).scale[::-1]
    found, references = half.estimate(image, settings), full.estimate(image, settings)
    assert len(found) == len(references) > 0
    return np.concatenate(
        [
            nearest_distances(reference, [pose], np.array(scale))
            for pose, reference in zip(found, references, strict=True)
        ]
    )


def test_float16_on_the_cpu_reports_that_float32_is_faster() -> None:
    reported: list[str] = []
    runtime = RuntimeSettings(execution_provider='cpu', precision='float16')
    try:
        load_network(ModelSettings(), runtime, report=reported.append)
    except ModelNotFoundError as error:
        pytest.skip(str(error))
    assert reported == ['precision float16 is slower than float32 on the cpu; set float32 there']
