"""Fixtures that several tests share."""

from collections.abc import Iterator
import os
from typing import TYPE_CHECKING

from golden import ROOT
import hypothesis
from networks import load
import numpy as np
from numpy.typing import NDArray
import pytest
import skimage.data

from posenet_ros.network import Network

if TYPE_CHECKING:
    from ros_graph import Graph

# Before any middleware starts: nothing that a test sends leaves this machine.
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
os.environ.setdefault(
    'FASTRTPS_DEFAULT_PROFILES_FILE', str(ROOT / 'config' / 'fastdds_images.xml')
)


# No deadline: a timing never decides a test. Derandomised: a test that passed passes again.
hypothesis.settings.register_profile('steady', deadline=None, derandomize=True)
hypothesis.settings.load_profile('steady')


@pytest.fixture(scope='session')
def astronaut() -> NDArray[np.uint8]:
    """Return a picture of one person, uint8 RGB [512, 512, 3]."""
    return np.asarray(skimage.data.astronaut(), np.uint8)


@pytest.fixture(scope='session')
def network_075() -> Network:
    """Return the default network."""
    return load('mobilenet_v1_075', 16)


@pytest.fixture
def graph() -> Iterator['Graph']:
    """Return a ROS graph of the test's own."""
    import ros_graph  # the library's tests run where there is no ROS

    with ros_graph.open_graph() as made:
        yield made
