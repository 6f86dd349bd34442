"""
The launch file, run by the real launch.

launch and launch_pytest come with a ROS 2 distribution, not as wheels: where they are missing
these tests are skipped, and say so.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ament_index_python import get_package_share_directory, PackageNotFoundError
import numpy as np
from numpy.typing import NDArray
import pytest

launch_pytest = pytest.importorskip(
    'launch_pytest', reason='launch_pytest is missing: it comes with a ROS 2 distribution'
)
from launch import LaunchContext, LaunchDescription  # noqa: E402, I100  (only where it is there)
from launch.actions import (  # noqa: E402
    IncludeLaunchDescription,
    RegisterEventHandler,
    SetEnvironmentVariable,
)
from launch.event_handlers import OnProcessExit  # noqa: E402
from launch.launch_description_sources import PythonLaunchDescriptionSource  # noqa: E402
from ros_graph import DOMAIN, Graph, image_message  # noqa: E402

_EXIT_CODES: list[int] = []


@launch_pytest.fixture  # type: ignore[untyped-decorator]  # it has no types
def description() -> LaunchDescription:
    """Launch the node for one camera in a namespace, as a user would."""
    path = Path(get_package_share_directory('posenet_ros'), 'launch', 'posenet.launch.py')
    arguments = {'image_topics': '[front/image_raw]', 'namespace': 'robot'}

    def remember(event: Any, _: object) -> None:
        _EXIT_CODES.append(event.returncode)

    return LaunchDescription(
        [
            SetEnvironmentVariable('ROS_DOMAIN_ID', str(DOMAIN)),
            RegisterEventHandler(OnProcessExit(on_exit=remember)),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(path)), launch_arguments=arguments.items()
            ),
            launch_pytest.actions.ReadyToTest(),
        ]
    )


@pytest.mark.usefixtures('network_075')
@pytest.mark.launch(fixture=description)
def test_the_node_answers_on_the_topics_of_the_arguments_and_ends_cleanly_on_sigint(
    graph: Graph, astronaut: NDArray[np.uint8]
) -> Iterator[None]:
    answers = graph.collect_poses('/robot/front/poses')
    image = image_message(astronaut)
    publisher = graph.image_publisher('/robot/front/image_raw')
    graph.publish_until(publisher, image, lambda: answers, 'poses')
    assert answers[0].header == image.header
    assert len(answers[0].poses) == 1
    yield  # launch sends SIGINT
    assert _EXIT_CODES == [0]


def start(*arguments: str) -> Any:
    """Return what the launch file would start, with arguments as on the command line."""
    path = Path(get_package_share_directory('posenet_ros'), 'launch', 'posenet.launch.py')
    context = LaunchContext()
    context.launch_configurations.update(dict(word.split(':=') for word in arguments))
    entities = PythonLaunchDescriptionSource(str(path)).get_launch_description(context).entities
    return [made for entity in entities for made in entity.visit(context) or []]


def test_every_argument_is_described() -> None:
    path = Path(get_package_share_directory('posenet_ros'), 'launch', 'posenet.launch.py')
    context = LaunchContext()
    description = PythonLaunchDescriptionSource(str(path)).get_launch_description(context)
    assert all(argument.description for argument in description.get_launch_arguments())


def test_a_camera_driver_that_is_not_installed_is_named_and_nothing_started() -> None:
    with pytest.raises(PackageNotFoundError, match='v4l2_camera'):
        start('camera:=v4l2')


def test_an_unknown_camera_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match='choose none, v4l2, usb'):
        start('camera:=kinect')


def test_without_a_camera_and_rviz_one_node_is_started() -> None:
    assert len(start('image_topics:=[/a/image, /b/image]', 'respawn:=true')) == 1
