"""What reduced precision costs, against float32, in pixels of the network input."""

from golden import Case, CASES_WITH_PICTURE
import numpy as np
import pytest

from posenet_ros.errors import ModelNotFoundError
from posenet_ros.estimator import load_network, PoseEstimator
from posenet_ros.runtime_settings import RuntimeSettings
from posenet_ros.settings import ModelSettings, PoseSettings


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


@pytest.mark.parametrize('input_size', ['257x257', '353x481'])
@pytest.mark.parametrize('case', CASES_WITH_PICTURE.values(), ids=lambda case: str(case.name))
def test_float16_is_within_a_pixel_of_float32(
    full: PoseEstimator, half: PoseEstimator, case: Case, input_size: str
) -> None:
    image, settings = case.picture(), PoseSettings(input_size=input_size)
    scale = full.transform((image.shape[0], image.shape[1]), settings).scale
    poses, references = half.estimate(image, settings), full.estimate(image, settings)
    assert len(poses) == len(references) > 0
    for pose, reference in zip(poses, references, strict=True):
        sure = reference.keypoint_scores > 0.5
        errors = np.hypot(*((pose.keypoints - reference.keypoints)[sure] / scale[::-1]).T)
        assert errors.max() < 1
        assert np.abs(pose.keypoint_scores - reference.keypoint_scores)[sure].max() < 0.05


def test_float16_says_on_the_cpu_that_it_is_the_slower_one() -> None:
    told: list[str] = []
    runtime = RuntimeSettings(execution_provider='cpu', precision='float16')
    try:
        load_network(ModelSettings(), runtime, report=told.append)
    except ModelNotFoundError as error:
        pytest.skip(str(error))
    assert told == ['precision float16 is slower than float32 on the cpu; set float32 there']
