"""
The launch file, run by the real launch.

These tests are skipped unless a ROS 2 distribution is sourced: launch and launch_pytest are not
available as wheels.
"""

from collections.abc import Iterator
import os
from pathlib import Path
import sys
from typing import Any

from ament_index_python import PackageNotFoundError
from golden import ROOT
import numpy as np
from numpy.typing import NDArray
import pytest

launch_pytest = pytest.importorskip(
    'launch_pytest', reason='launch_pytest is missing: it comes with a ROS 2 distribution'
)
from launch import LaunchContext, LaunchDescription  # noqa: E402, I100  (only if it is installed)
from launch.actions import (  # noqa: E402
    DeclareLaunchArgument,
    LogInfo,
    OpaqueFunction,
    RegisterEventHandler,
    SetEnvironmentVariable,
)
from launch.event_handlers import OnProcessExit  # noqa: E402
from launch.launch_description_sources import PythonLaunchDescriptionSource  # noqa: E402
from launch.utilities import perform_substitutions  # noqa: E402
from launch_ros.actions import LifecycleNode  # noqa: E402
from launch_ros.event_handlers import OnStateTransition  # noqa: E402
from launched_programs import include, install, LAUNCH_FILE  # noqa: E402
from ros_graph import DOMAIN, Graph, image_message  # noqa: E402

from posenet_ros.errors import SettingError  # noqa: E402
from posenet_ros.ros.parameters.parameter_table import PARAMETERS  # noqa: E402
from posenet_ros.settings import rows  # noqa: E402

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


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a prefix for the packages that `install` installs."""
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path), prepend=os.pathsep)
    return tmp_path


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


def start(*arguments: str) -> list[Any]:
    """Return the actions of the launch file, with arguments as on the command line."""
    context = LaunchContext()
    context.launch_configurations.update(dict(word.split(':=', 1) for word in arguments))
    source = PythonLaunchDescriptionSource(str(LAUNCH_FILE))
    entities = source.get_launch_description(context).entities
    return [made for entity in entities for made in entity.visit(context) or []]


def declared() -> list[DeclareLaunchArgument]:
    """Return all arguments."""
    source = PythonLaunchDescriptionSource(str(LAUNCH_FILE))
    found = source.get_launch_description(LaunchContext()).get_launch_arguments()
    return list(found)


def arguments() -> dict[str, str]:
    """Return name and description of all arguments."""
    return {argument.name: argument.description for argument in declared()}


def defaults() -> dict[str, str]:
    """Return name and default of all arguments."""
    context = LaunchContext()
    return {one.name: perform_substitutions(context, one.default_value) for one in declared()}


def test_every_argument_is_described() -> None:
    # launch uses this text for an argument without a description.
    assert not [name for name, text in arguments().items() if text in ('', 'no description given')]


def test_the_only_parameters_with_arguments_of_their_own_are_those_of_several_processes() -> None:
    parameters = {row.name for group in PARAMETERS for row in rows(group)}
    assert parameters & arguments().keys() == {'image_topics'}


def test_the_readme_has_all_arguments_with_their_defaults() -> None:
    table = (ROOT / 'README.md').read_text().partition('| launch argument |')[2].split('\n\n')[0]
    cells = [line.split('|')[1:3] for line in table.splitlines()[2:]]
    named = {name.strip(' `'): default.strip(' `') for name, default in cells}
    assert list(named.items()) == list(defaults().items())


def test_a_camera_driver_that_is_not_installed_is_named_before_anything_starts() -> None:
    with pytest.raises(PackageNotFoundError, match='v4l2_camera'):
        start('camera:=v4l2')


@pytest.mark.parametrize(
    ('argument', 'reason'),
    [
        ('parameters:={score_threshold: 7}', 'score_threshold is 7; choose 0.0 to 1.0'),
        ('parameters:={scor_threshold: 0.7}', 'did you mean score_threshold'),
        ('parameters:=score_threshold', "parameters is 'score_threshold', expected a YAML map"),
        ('image_topics:=[/a/left, /a/right]', 'would both publish'),
        ('params_file:=/nowhere.yaml', "params_file is '/nowhere.yaml', which is not a file"),
        ('name:=a b', "name is 'a b': "),
        ('namespace:=a b', "namespace is 'a b': "),
        ('camera_frame:=', "camera_frame is ''"),
        ('camera:=kinect', "camera is 'kinect'; choose one of none, v4l2, usb"),
        ('log_level:=loud', "log_level is 'loud'; choose one of debug, info, warn"),
        ('use_sim_time:=maybe', "use_sim_time is 'maybe', expected true or false"),
        ('respawn:=maybe', "respawn is 'maybe', expected true or false"),
        ('rviz:=maybe', "rviz is 'maybe', expected true or false"),
    ],
)
def test_an_argument_that_is_not_allowed_is_refused_before_anything_starts(
    argument: str, reason: str
) -> None:
    with pytest.raises(SettingError, match=reason):
        start(argument)


@pytest.mark.parametrize('content', ['output_stride: 32', 'score_threshold: 7.0', '['])
def test_only_the_node_checks_the_content_of_the_parameter_file(
    tmp_path: Path, content: str
) -> None:
    file = tmp_path / 'parameters.yaml'
    file.write_text(f'/**: {{ros__parameters: {{{content}}}}}')
    assert len(start(f'params_file:={file}')) == 1


def test_without_a_camera_driver_and_rviz_one_node_is_started() -> None:
    assert len(start('image_topics:=[/a/image, /b/image]', 'respawn:=true')) == 1


@pytest.mark.parametrize('text', ['true', 'True', 'TRUE'])
def test_rviz_is_started_if_its_argument_is_true_in_any_case(prefix: Path, text: str) -> None:
    install('rviz2', 'rviz2', '', prefix)
    assert len(start(f'rviz:={text}', 'image_topics:=image_raw')) == 2


@pytest.mark.parametrize('text', ['false', 'False', 'FALSE'])
def test_arguments_that_are_false_in_any_case_turn_things_off(text: str) -> None:
    assert len(start(f'rviz:={text}', f'respawn:={text}', f'use_sim_time:={text}')) == 1


def remappings(rviz: Any) -> dict[str, str]:
    """Return the topics that RViz shows."""
    rviz._perform_substitutions(LaunchContext())
    return dict(rviz.expanded_remapping_rules)


def test_rviz_shows_the_first_of_the_image_topics(prefix: Path) -> None:
    install('rviz2', 'rviz2', '', prefix)
    topics = 'image_topics:=[front/image/compressed, rear/image]'
    _, rviz = start('rviz:=true', 'namespace:=robot', topics)
    assert remappings(rviz) == {
        'image_annotated': 'front/image_annotated',
        'pose_markers': 'front/pose_markers',
    }


def text_of(log_info: Any) -> str:
    """Return the line that an action logs."""
    assert isinstance(log_info, LogInfo)
    return str(perform_substitutions(LaunchContext(), log_info.msg))


def test_without_image_topics_rviz_shows_image_raw_and_a_line_says_how_to_choose_another(
    prefix: Path,
) -> None:
    install('rviz2', 'rviz2', '', prefix)
    _, hint, rviz = start('rviz:=true')
    assert remappings(rviz) == {
        'image_annotated': 'image_annotated',
        'pose_markers': 'pose_markers',
    }
    line = text_of(hint)
    assert 'image_raw' in line
    assert 'image_topics:=' in line


def test_a_line_names_the_topic_of_a_camera_driver_whose_images_the_node_does_not_use(
    prefix: Path,
) -> None:
    install('v4l2_camera', 'v4l2_camera_node', '', prefix)
    topics = 'image_topics:=/camera/image_raw'
    _, hint, _ = start('camera:=v4l2', topics, 'namespace:=front', 'ros_namespace:=/robot')
    assert 'camera:=v4l2 publishes /robot/front/image_raw' in text_of(hint)


@pytest.mark.parametrize(
    'topics', ['', '[image_raw, /a/image]', '/robot/image_raw', 'image_raw/compressed']
)
def test_a_camera_driver_whose_images_the_node_uses_causes_no_line(
    prefix: Path, topics: str
) -> None:
    install('v4l2_camera', 'v4l2_camera_node', '', prefix)
    started = start('camera:=v4l2', f'image_topics:={topics}', 'namespace:=robot')
    assert len(started) == 2
