"""
The launch file, run by the real launch.

launch and launch_pytest come with a ROS 2 distribution, not as wheels: where they are missing
these tests are skipped, and say so.
"""

from collections.abc import Iterator
import os
from pathlib import Path
import sys
from typing import Any

from ament_index_python import get_package_share_directory, PackageNotFoundError
from golden import ROOT
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

from posenet_ros.errors import SettingError  # noqa: E402
from posenet_ros.ros.parameters.parameter_table import PARAMETERS  # noqa: E402
from posenet_ros.settings import rows  # noqa: E402

LAUNCH_FILE = Path(get_package_share_directory('posenet_ros'), 'launch', 'posenet.launch.py')

# A camera's driver that sends grey images, in the frame that a parameter names. It ends at once
# when it is started for the first time and the file of its argument is there.
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

_EXIT_CODES: list[int] = []


def launched(**arguments: str) -> LaunchDescription:
    """Return a description that launches our file with arguments, as a user would."""

    def remember(event: Any, _: object) -> None:
        _EXIT_CODES.append(event.returncode)

    return LaunchDescription(
        [
            SetEnvironmentVariable('ROS_DOMAIN_ID', str(DOMAIN)),
            RegisterEventHandler(OnProcessExit(on_exit=remember)),
            IncludeLaunchDescription(
                PythonLaunchDescriptionSource(str(LAUNCH_FILE)),
                launch_arguments=arguments.items(),
            ),
            launch_pytest.actions.ReadyToTest(),
        ]
    )


@launch_pytest.fixture  # type: ignore[untyped-decorator]  # it has no types
def description() -> LaunchDescription:
    """Launch the node for one camera in a namespace."""
    _EXIT_CODES.clear()
    return launched(image_topics='front/image_raw', namespace='robot')


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a place for packages that count as installed."""
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path), prepend=os.pathsep)
    return tmp_path


def install(package: str, executable: str, content: str, prefix: Path) -> None:
    """Install a package with one program."""
    marker = prefix / 'share' / 'ament_index' / 'resource_index' / 'packages' / package
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    program = prefix / 'lib' / package / executable
    program.parent.mkdir(parents=True)
    program.write_text(content)
    program.chmod(0o755)


@launch_pytest.fixture  # type: ignore[untyped-decorator]  # as above
def description_with_a_driver_that_ends_once(prefix: Path) -> LaunchDescription:
    """Launch the node with a camera's driver, which has to be started twice."""
    first = prefix / 'first'
    first.touch()
    driver = DRIVER.format(python=sys.executable, first=str(first))
    install('v4l2_camera', 'v4l2_camera_node', driver, prefix)
    return launched(camera='v4l2', frame='off', namespace='robot', respawn='true')


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


@pytest.mark.usefixtures('network_075')
@pytest.mark.launch(fixture=description_with_a_driver_that_ends_once)
def test_the_images_of_the_cameras_driver_are_answered_also_after_it_ended(graph: Graph) -> None:
    answers = graph.collect_poses('/robot/poses')
    graph.wait_until(lambda: answers, 'poses')
    # A word that launch would read as a truth value, were it not told to leave it alone.
    assert answers[0].header.frame_id == 'off'


def start(*arguments: str) -> list[Any]:
    """Return what the launch file would start, with arguments as on the command line."""
    context = LaunchContext()
    context.launch_configurations.update(dict(word.split(':=') for word in arguments))
    source = PythonLaunchDescriptionSource(str(LAUNCH_FILE))
    entities = source.get_launch_description(context).entities
    return [made for entity in entities for made in entity.visit(context) or []]


def arguments() -> dict[str, str]:
    """Return name and description of all arguments."""
    source = PythonLaunchDescriptionSource(str(LAUNCH_FILE))
    found = source.get_launch_description(LaunchContext()).get_launch_arguments()
    return {argument.name: argument.description for argument in found}


def test_every_argument_is_described() -> None:
    # Of one without a description, launch itself says so.
    assert not [name for name, text in arguments().items() if text in ('', 'no description given')]


def test_every_parameter_is_an_argument() -> None:
    names = [row.name for group in PARAMETERS for row in rows(group)]
    assert set(names) <= arguments().keys()


def test_the_readme_has_all_arguments_that_are_no_parameters() -> None:
    table = (ROOT / 'README.md').read_text().partition('| launch argument |')[2].split('\n\n')[0]
    named = [line.split('|')[1].strip(' `') for line in table.splitlines()[2:]]
    parameters = {row.name for group in PARAMETERS for row in rows(group)}
    assert named[:-1] == [name for name in arguments() if name not in parameters]
    assert named[-1] == 'every [parameter](#parameters)'


def test_a_camera_driver_that_is_not_installed_is_named_and_nothing_started() -> None:
    with pytest.raises(PackageNotFoundError, match='v4l2_camera'):
        start('camera:=v4l2')


def test_an_unknown_camera_is_refused_with_those_there_are() -> None:
    with pytest.raises(RuntimeError, match="'none', 'v4l2', 'usb'"):
        start('camera:=kinect')


@pytest.mark.parametrize(
    ('argument', 'complaint'),
    [
        ('score_threshold:=7', 'score_threshold is 7.0, choose 0.0 to 1.0'),
        ('output_stride:=32', 'mobilenet_v1_075 has no output stride 32'),
        ('params_file:=/nowhere.yaml', "params_file '/nowhere.yaml' cannot be read"),
    ],
)
def test_a_value_that_the_node_would_refuse_is_refused_before_anything_starts(
    argument: str, complaint: str
) -> None:
    with pytest.raises(SettingError, match=complaint):
        start(argument)


def test_without_a_camera_and_rviz_one_node_is_started() -> None:
    assert len(start('image_topics:=[/a/image, /b/image]', 'respawn:=true')) == 1


@pytest.mark.parametrize('node', ['/**', '/robot/posenet'])
def test_rviz_shows_the_first_camera_of_the_parameter_file(prefix: Path, node: str) -> None:
    install('rviz2', 'rviz2', '', prefix)
    file = prefix / 'parameters.yaml'
    topics = '[front/image/compressed, rear/image]'
    file.write_text(f'{node}: {{ros__parameters: {{image_topics: {topics}}}}}')
    _, rviz = start('rviz:=true', 'namespace:=robot', f'params_file:={file}')
    context = LaunchContext()
    rviz._perform_substitutions(context)
    assert rviz.expanded_remapping_rules == [
        ('image_annotated', 'front/image_annotated'),
        ('pose_markers', 'front/pose_markers'),
    ]
