"""The memory of a process that estimates poses in images of extreme sizes."""

import os
import subprocess
import sys

import pytest

# Prints the megabytes that the process gained through the image, once a usual image followed it.
_PROGRAM = """
import sys
import numpy as np
from posenet_ros.errors import ImageError
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.settings import PoseSettings

def resident():
    with open('/proc/self/statm') as statm:
        return int(statm.read().split()[1]) * 4096 / 1e6

height, width, scale_factor, input_size = sys.argv[1:]
settings = PoseSettings(image_scale_factor=float(scale_factor), input_size=input_size)
estimator = load_estimator()
usual = np.zeros((480, 640, 3), np.uint8)
for _ in range(3):
    estimator.estimate(usual)
before = resident()
estimator.estimate(np.zeros((int(height), int(width), 3), np.uint8), settings)
estimator.estimate(usual)
print(resident() - before)
"""


def megabytes(program: str, *arguments: str) -> float:
    """Return the number that a program prints."""
    done = subprocess.run(
        [sys.executable, '-c', program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.parametrize(
    'arguments',
    [
        pytest.param(['2160', '3840', '0.7', ''], id='4K'),
        pytest.param(['16000', '1', '0.5', '257x257'], id='narrow'),
        pytest.param(['480', '640', '0.5', '2048x1'], id='narrow input'),
        pytest.param(['480', '640', '0.5', '1025x1025'], id='large input'),
    ],
)
def test_an_image_of_an_extreme_size_leaves_less_than_70_megabytes_behind(
    arguments: list[str],
) -> None:
    assert megabytes(_PROGRAM, *arguments) < 70


# Prints by how many megabytes a call raises the largest memory of the process.
_PEAK_PROGRAM = """
import numpy as np
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.settings import PoseSettings

def megabytes(field):
    with open('/proc/self/status') as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1e3

settings = PoseSettings(input_size='257x257')
estimator = load_estimator(pose_settings=settings)
image = np.full((4320, 7680, 3), 128, np.uint8)
with open('/proc/self/clear_refs', 'w') as references:
    references.write('5')
before = megabytes('VmRSS')
estimator.estimate(image)
print(megabytes('VmHWM') - before)
"""


def test_an_8k_image_takes_little_memory_if_the_network_input_is_small() -> None:
    assert megabytes(_PEAK_PROGRAM) < 50
