"""Fixtures that several tests share."""

from collections.abc import Iterator
import os
from pathlib import Path
from typing import Any, TYPE_CHECKING

from golden import ROOT
import hypothesis
from machines import gpu_machine, Machine, Start
from networks import load
import numpy as np
from numpy.typing import NDArray
import pytest
import skimage.data

from posenet_ros.fastdds_profile import profile_variables
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.store import find_graph

if TYPE_CHECKING:
    from depth_scenes import Scene
    from positions_stages import Positions
    from ros_graph import Graph

# Set before any middleware starts, so that messages of tests do not leave this machine.
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
if os.environ.get('ROS_DISTRO') == 'humble':  # it knows only the older variable
    os.environ['ROS_LOCALHOST_ONLY'] = '1'
os.environ.update(profile_variables(os.environ, str(ROOT / 'config' / 'fastdds_images.xml')))


# No deadline, because no test depends on timing. Derandomised, so that results are reproducible.
hypothesis.settings.register_profile('steady', deadline=None, derandomize=True)
hypothesis.settings.load_profile('steady')


@pytest.fixture(scope='session')
def astronaut() -> NDArray[np.uint8]:
    """Return a picture of one person, uint8 RGB [512, 512, 3]."""
    return np.asarray(skimage.data.astronaut(), np.uint8)


@pytest.fixture(scope='session')
def network_075() -> PoseNet:
    """Return the default network."""
    return load('mobilenet_v1_075', 16)


@pytest.fixture
def graph() -> Iterator['Graph']:
    """Return a ROS graph for one test."""
    import ros_graph  # not at the top: the library's tests run without ROS

    with ros_graph.open_graph() as made:
        yield made


@pytest.fixture
def positions(graph: 'Graph') -> 'Positions':
    """Return the positions stage of a camera to whose poses_3d the test subscribes."""
    from positions_stages import Positions  # as above

    made = Positions(graph)
    made.subscribe()
    return made


@pytest.fixture(scope='session')
def scene() -> 'Scene':
    """Return an image of two people who overlap, 2 m away, with its depth image."""
    from depth_scenes import make_scene

    return make_scene('two people overlap', 2.0, 7)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Return a machine with a GPU."""
    with gpu_machine(monkeypatch) as made:
        yield made


@pytest.fixture(scope='session')
def graph_file() -> Path:
    """Return the path of the default network's graph."""
    load('mobilenet_v1_075', 16)
    return find_graph('mobilenet_v1_075', 16)


@pytest.fixture(scope='session')
def images() -> list[NDArray[np.uint8]]:
    """Return two images of noise, uint8 RGB [40, 60, 3]."""
    return list(np.random.default_rng(0).integers(0, 256, (2, 40, 60, 3), np.uint8))


@pytest.fixture
def start(
    machine: Machine, graph_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """Return a function that loads a network on the machine; engines are in tmp_path/engines."""
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))

    def load_with(**settings: Any) -> tuple[PoseNet, list[str]]:
        reported: list[str] = []
        network = PoseNet(
            graph_file, RuntimeSettings(**settings), report=reported.append, factory=machine.make
        )
        return network, reported

    return load_with
