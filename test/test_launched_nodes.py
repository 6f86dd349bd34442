"""
The nodes of the launch file and their lifecycle, run by the real launch.

These tests are skipped unless a ROS 2 distribution is sourced: launch and launch_pytest are not
available as wheels.
"""

from collections.abc import Iterator
from pathlib import Path
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

launch_pytest = pytest.importorskip(
    'launch_pytest', reason='launch_pytest is missing: it comes with a ROS 2 distribution'
)
from launch import LaunchContext, LaunchDescription  # noqa: E402, I100  (only if it is installed)
from launch.actions import (  # noqa: E402
    OpaqueFunction,
    RegisterEventHandler,
    SetEnvironmentVariable,
)
from launch.event_handlers import OnProcessExit  # noqa: E402
from launch_ros.actions import LifecycleNode  # noqa: E402
from launch_ros.event_handlers import OnStateTransition  # noqa: E402
from launched_programs import add_prefix, include, install  # noqa: E402
from ros_graph import DOMAIN, Graph, image_message  # noqa: E402

# A camera driver that publishes grey images, in the frame that a parameter names. If the file
# `first` exists, it deletes that file and exits at once.
DRIVER = """#!{python}
from pathlib import Path
import sys

first = Path({first!r})
if first.exists():
    first.unlink()
    sys.exit(1)

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

rclpy.init()
node = rclpy.create_node('v4l2_camera')
frame = node.declare_parameter('camera_frame_id', 'camera').value
publisher = node.create_publisher(Image, 'image_raw', qos_profile_sensor_data)
image = Image(height=48, width=64, encoding='mono8', step=64, data=bytes(48 * 64))
image.header.frame_id = frame
node.create_timer(0.1, lambda: publisher.publish(image))
try:
    rclpy.spin(node)
except (KeyboardInterrupt, ExternalShutdownException):
    pass
"""

# The states of a node that starts by itself.
STATES = ['configuring', 'inactive', 'activating', 'active']

_EXIT_CODES: list[int] = []
_STATES: list[str] = []


@pytest.fixture(autouse=True)
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a prefix for the packages that `install` installs."""
    add_prefix(tmp_path, monkeypatch)
    return tmp_path


def launched(*nodes: Any) -> LaunchDescription:
    """Return a description that launches our launch file, or other nodes, as a user would."""

    def remember(event: Any, _: object) -> None:
        _EXIT_CODES.append(event.returncode)

    return LaunchDescription(
        [
            SetEnvironmentVariable('ROS_DOMAIN_ID', str(DOMAIN)),
            RegisterEventHandler(OnProcessExit(on_exit=remember)),
            *nodes,
            launch_pytest.actions.ReadyToTest(),
        ]
    )


@launch_pytest.fixture  # type: ignore[untyped-decorator]  # it has no types
def description() -> LaunchDescription:
    """Launch the node for one camera in a namespace."""
    _EXIT_CODES.clear()
    return launched(include(image_topics='front/image_raw', namespace='robot'))


@launch_pytest.fixture  # type: ignore[untyped-decorator]  # as above
def description_with_a_driver_that_exits_once(prefix: Path) -> LaunchDescription:
    """Launch the node with a camera driver that has to be started twice."""
    first = prefix / 'first'
    first.touch()
    driver = DRIVER.format(python=sys.executable, first=str(first))
    install('v4l2_camera', 'v4l2_camera_node', driver, prefix)
    driver_and_node = include(camera='v4l2', camera_frame='off', namespace='robot', respawn='True')
    return launched(driver_and_node)


def remember_states() -> RegisterEventHandler:
    """Return an action that adds each state of any node to _STATES."""

    def remember(context: LaunchContext) -> None:
        _STATES.append(context.locals.event.goal_state)

    return RegisterEventHandler(OnStateTransition(entities=[OpaqueFunction(function=remember)]))


@launch_pytest.fixture  # type: ignore[untyped-decorator]  # as above
def description_with_a_handler_of_transitions() -> LaunchDescription:
    """Launch the node, and remember its states."""
    _STATES.clear()
    return launched(remember_states(), include(image_topics='front/image_raw', namespace='robot'))


@launch_pytest.fixture  # type: ignore[untyped-decorator]  # as above
def description_with_a_node_of_its_own() -> LaunchDescription:
    """Launch the node without our launch file, and remember its states."""
    _STATES.clear()
    node = LifecycleNode(
        package='posenet_ros',
        executable='posenet_node',
        name='people',
        namespace='robot',
        parameters=[{'transition_listener_timeout': 30.0}],
    )
    return launched(remember_states(), node)


@pytest.mark.usefixtures('network_075')
@pytest.mark.launch(fixture=description)
def test_the_node_uses_the_topics_of_the_arguments_and_exits_cleanly_on_sigint(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> Iterator[None]:
    poses = graph.collect_poses('/robot/front/poses')
    image = image_message(astronaut)
    publisher = graph.image_publisher('/robot/front/image_raw')
    graph.publish_until(publisher, image, lambda: poses, 'poses')
    assert poses[0].header == image.header
    assert len(poses[0].poses) == 1
    yield  # launch sends SIGINT
    assert _EXIT_CODES == [0]


@pytest.mark.usefixtures('network_075')
@pytest.mark.launch(fixture=description_with_a_driver_that_exits_once)
def test_the_camera_driver_is_restarted_when_it_exits(graph: Graph) -> None:
    poses = graph.collect_poses('/robot/poses')
    graph.wait_until(lambda: poses, 'poses')
    # A word that YAML reads as a Boolean stays a string.
    assert poses[0].header.frame_id == 'off'


@pytest.mark.usefixtures('network_075')
@pytest.mark.launch(fixture=description_with_a_handler_of_transitions)
def test_on_state_transition_around_the_launch_file_receives_every_transition(
    graph: Graph,
) -> None:
    graph.wait_until(lambda: 'active' in _STATES, 'the node to be active')
    assert _STATES == STATES


@pytest.mark.usefixtures('network_075')
@pytest.mark.launch(fixture=description_with_a_node_of_its_own)
def test_a_lifecycle_node_of_the_user_receives_every_transition_with_a_timeout(
    graph: Graph,
) -> None:
    graph.wait_until(lambda: 'active' in _STATES, 'the node to be active')
    assert _STATES == STATES
