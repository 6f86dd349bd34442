"""
Measure the time from image to poses for several image sizes, input sizes and networks.

Input: the number of rounds. Output: times in ms by sweep and case, and their ratios to the bare
run.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from parts.session import bare_run, estimator, network
from parts.timing import Call, median_ratio, summarize, time_in_turns
from programs.pictures import picture, SIZES

from posenet_ros.errors import ModelNotFoundError
from posenet_ros.estimation.estimator import PoseEstimator

IMAGE_SIZES = {
    '320x240': (240, 320),
    '640x480': (480, 640),
    '1280x720': (720, 1280),
    '1920x1080': (1080, 1920),
}
INPUT_SIZES = ('161x161', '257x257', '353x353', '481x481')
#: (model, output stride)
NETWORKS = (
    ('mobilenet_v1_075', 8),
    ('mobilenet_v1_075', 16),
    ('mobilenet_v1_100', 8),
    ('mobilenet_v1_100', 16),
    ('mobilenet_v1_100', 32),
)

_CALLS = ('estimate', 'session')

_Case = tuple[PoseEstimator, NDArray[np.uint8]]


def measure_sweeps(rounds: int) -> dict[str, Any]:
    """Return, by sweep and case, the times in ms of the estimate and of the bare run."""
    image = picture(SIZES['640x480'])
    return {
        'image_size': _sweep(
            {name: (estimator(), picture(size)) for name, size in IMAGE_SIZES.items()}, rounds
        ),
        'input_size': _sweep(
            {size: (estimator(input_size=size), image) for size in INPUT_SIZES}, rounds
        ),
        'network': _sweep(_networks(image), rounds),
    }


def _networks(image: NDArray[np.uint8]) -> dict[str, _Case]:
    """Return a case for each network that is in the user's cache."""
    cases: dict[str, _Case] = {}
    for model, stride in NETWORKS:
        try:
            cases[f'{model} stride {stride}'] = estimator(network(model, stride)), image
        except ModelNotFoundError as error:
            print(f'skipped {model}: {error}')
    return cases


def _sweep(cases: Mapping[str, _Case], rounds: int) -> dict[str, Any]:
    """Return the figures of all cases, which take turns so that they can be compared."""
    calls: dict[str, Call] = {}
    for name, (estimating, image) in cases.items():
        calls[f'{name} session'] = bare_run(estimating, image)
        calls[f'{name} estimate'] = partial(estimating.estimate, image)
    times = time_in_turns(calls, rounds)
    return {
        name: {
            'times': {call: summarize(times[f'{name} {call}']) for call in _CALLS},
            'estimate_over_session': median_ratio(times, f'{name} estimate', f'{name} session'),
        }
        for name in cases
    }
