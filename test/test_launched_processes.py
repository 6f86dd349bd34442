"""
How the launch file starts its processes, with the real launch.

The processes are programs that record their arguments and environment, so no node runs. These
tests are skipped unless a ROS 2 distribution is sourced, as those of test_launch.py are.
"""

from collections.abc import Iterator
import os
from pathlib import Path
import re
from typing import Any

from ament_index_python import get_package_share_directory
from golden import ROOT
import pytest

launch_ros = pytest.importorskip(
    'launch_ros', reason='launch_ros is missing: it comes with a ROS 2 distribution'
)
from launch.actions import (  # noqa: E402, I100  (only if it is installed)
    DeclareLaunchArgument,
    ExecuteProcess,
    GroupAction,
    IncludeLaunchDescription,
    SetEnvironmentVariable,
)
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution  # noqa: E402
from launch_ros.actions import PushROSNamespace, SetParameter  # noqa: E402
from launch_ros.substitutions import FindPackageShare  # noqa: E402
from launched_programs import include, recorded_launch, RecordedLaunch, Start  # noqa: E402

from posenet_ros.fastdds_profile import profile_variables, VARIABLES  # noqa: E402

PROFILE_VARIABLES = tuple(VARIABLES.values())
NAMES = (
    'image_timeout',
    'nms_radius',
    'max_pose_detections',
    'score_threshold',
    'jpeg_quality',
    'lazy',
)
ALL_PROGRAMS = {'camera': 'v4l2', 'rviz': 'true'}


@pytest.fixture
def launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedLaunch]:
    """Return a launch whose programs record how they are started."""
    with recorded_launch(tmp_path, monkeypatch) as made:
        yield made


def sim_time(launch: RecordedLaunch, *actions: object) -> dict[str, bool]:
    """Return use_sim_time of each program."""
    starts = launch.run(*actions)
    return {name: start.parameter('use_sim_time') for name, start in starts.items()}


def each(value: bool) -> dict[str, bool]:
    return dict.fromkeys(('posenet_node', 'v4l2_camera_node', 'rviz2'), value)


def test_use_sim_time_of_the_launch_file_around_this_one_holds(launch: RecordedLaunch) -> None:
    around = SetParameter('use_sim_time', True)
    assert sim_time(launch, around, include(**ALL_PROGRAMS)) == each(True)


def test_use_sim_time_of_the_parameter_file_applies_to_the_node_alone(
    launch: RecordedLaunch, tmp_path: Path
) -> None:
    file = tmp_path / 'parameters.yaml'
    file.write_text('/**: {ros__parameters: {use_sim_time: true}}')
    used = sim_time(launch, include(**ALL_PROGRAMS, params_file=str(file)))
    assert used == {**each(False), 'posenet_node': True}


@pytest.mark.parametrize(('text', 'value'), [('True', True), ('true', True), ('false', False)])
def test_the_argument_use_sim_time_is_passed_to_every_program(
    launch: RecordedLaunch, text: str, value: bool
) -> None:
    around = SetParameter('use_sim_time', not value)
    arguments = include(**ALL_PROGRAMS, use_sim_time=text)
    assert sim_time(launch, around, arguments) == each(value)


def test_without_use_sim_time_anywhere_it_is_false(launch: RecordedLaunch) -> None:
    assert sim_time(launch, include(**ALL_PROGRAMS)) == each(False)


@pytest.fixture
def without_profile(launch: RecordedLaunch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the Fast DDS profile from the environment."""
    for variable in PROFILE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def profiles(start: Start) -> list[str | None]:
    """Return the Fast DDS profile that each variable sets for a program."""
    return [start.environment.get(variable) for variable in PROFILE_VARIABLES]


@pytest.mark.usefixtures('without_profile')
def test_only_the_processes_of_the_launch_file_get_its_fast_dds_profile(
    launch: RecordedLaunch,
) -> None:
    other = ExecuteProcess(cmd=[str(launch.other)])
    starts = launch.run(include(**ALL_PROGRAMS), other)
    own = str(Path(get_package_share_directory('posenet_ros'), 'config', 'fastdds_images.xml'))
    assert profiles(starts.pop('other')) == [None, None]
    added = profile_variables(os.environ, own)
    used = [added.get(variable) for variable in PROFILE_VARIABLES]
    assert own in used
    assert [profiles(start) for start in starts.values()] == [used] * 3


@pytest.mark.usefixtures('without_profile')
@pytest.mark.parametrize('variable', PROFILE_VARIABLES)
def test_a_fast_dds_profile_of_the_user_stays(launch: RecordedLaunch, variable: str) -> None:
    starts = launch.run(SetEnvironmentVariable(variable, '/mine.xml'), include(**ALL_PROGRAMS))
    used = {value for start in starts.values() for value in profiles(start) if value}
    assert len(starts) == 3
    assert used == {'/mine.xml'}


def readme_example(**changes: Any) -> Any:
    """Return the action of the README that includes our launch file, with some names changed."""
    text = (ROOT / 'README.md').read_text()
    (example,) = re.findall(r'```python\n(GroupAction\(.*?\n\))\n```', text, re.DOTALL)
    names = {
        'FindPackageShare': FindPackageShare,
        'GroupAction': GroupAction,
        'IncludeLaunchDescription': IncludeLaunchDescription,
        'LaunchConfiguration': LaunchConfiguration,
        'PathJoinSubstitution': PathJoinSubstitution,
    }
    return eval(example, {**names, **changes})


def declare(name: str, default: str) -> Any:
    """Return the action of the user's launch file that declares an argument."""
    return DeclareLaunchArgument(name, default_value=default)


def test_with_the_example_of_the_readme_only_the_arguments_that_it_names_reach_the_node(
    launch: RecordedLaunch,
) -> None:
    arguments = {
        'use_sim_time': 'true',
        'name': 'base',
        'namespace': 'robot',
        'camera': '/dev/video0',
        'rviz': 'view.rviz',
        'params_file': '/nowhere.yaml',
        'parameters': 'all',
        'log_level': 'loud',
    }
    declared = [declare(name, default) for name, default in arguments.items()]
    starts = launch.run(*declared, readme_example())
    assert list(starts) == ['posenet_node']
    node = starts['posenet_node']
    assert node.parameter('image_topics') == ['/camera/image_raw']
    assert node.parameter('use_sim_time') is True
    assert {'__node:=posenet', '__ns:=/'} <= set(node.arguments)


def test_the_example_of_the_readme_works_in_a_launch_file_that_does_not_declare_use_sim_time(
    launch: RecordedLaunch,
) -> None:
    node = launch.run(readme_example())['posenet_node']
    assert node.parameter('image_topics') == ['/camera/image_raw']
    assert node.parameter('use_sim_time') is False


@pytest.mark.parametrize(
    ('name', 'value'),
    [('camera', '/dev/video0'), ('rviz', 'view.rviz'), ('params_file', '/nowhere.yaml')],
)
def test_without_a_group_an_argument_of_another_meaning_is_refused_with_its_value(
    launch: RecordedLaunch, name: str, value: str
) -> None:
    around = declare(name, value)
    (message,) = launch.refusal(around, include(image_topics='/camera/image_raw'))
    assert name in message
    assert value in message
    assert '\n' not in message


def test_without_a_group_arguments_of_the_same_name_apply_to_the_node(
    launch: RecordedLaunch,
) -> None:
    around = [declare('name', 'base'), declare('namespace', 'robot')]
    node = launch.run(*around, include())['posenet_node']
    assert {'__node:=base', '__ns:=/robot'} <= set(node.arguments)


def test_set_parameter_around_the_launch_file_sets_a_parameter_of_the_node(
    launch: RecordedLaunch,
) -> None:
    around = SetParameter('score_threshold', 0.4)
    node = launch.run(around, include(image_topics='/a/image'))['posenet_node']
    assert node.parameter('score_threshold') == 0.4
    assert node.parameter('image_topics') == ['/a/image']


def test_the_parameter_file_takes_precedence_over_set_parameter_and_arguments_over_the_file(
    launch: RecordedLaunch, tmp_path: Path
) -> None:
    file = tmp_path / 'parameters.yaml'
    file.write_text(
        '{/**: {ros__parameters: {nms_radius: 30.0, jpeg_quality: 50}}, '
        '/robot/people: {ros__parameters: {score_threshold: 0.2, max_pose_detections: 9}}, '
        '/posenet: {ros__parameters: {lazy: false}}}'
    )
    arguments = include(
        params_file=str(file),
        name='people',
        namespace='robot',
        parameters='{score_threshold: 0.4, jpeg_quality: 60}',
    )
    around = [SetParameter('nms_radius', 25.0), SetParameter('image_timeout', 2.0)]
    node = launch.run(*around, arguments)['posenet_node']
    assert {name: node.parameter(name) for name in NAMES} == {
        'image_timeout': 2.0,
        'nms_radius': 30.0,
        'max_pose_detections': 9,
        'score_threshold': 0.4,
        'jpeg_quality': 60,
        'lazy': None,
    }


def test_the_log_level_applies_to_the_node_alone(launch: RecordedLaunch) -> None:
    starts = launch.run(include(**ALL_PROGRAMS, log_level='DEBUG'))
    level = {name: '--log-level debug' in ' '.join(one.arguments) for name, one in starts.items()}
    assert level == {'posenet_node': True, 'v4l2_camera_node': False, 'rviz2': False}


def test_with_the_example_of_the_readme_our_arguments_do_not_reach_the_users_other_processes(
    launch: RecordedLaunch,
) -> None:
    shown = [LaunchConfiguration(name, default='') for name in ('image_topics', 'camera_frame')]
    other = ExecuteProcess(cmd=[str(launch.other), *shown])
    starts = launch.run(readme_example(), other)
    assert starts['other'].arguments[1:] == ['', '']


def test_set_parameter_and_push_ros_namespace_take_effect_in_the_group_of_the_readme(
    launch: RecordedLaunch,
) -> None:
    inside = [PushROSNamespace('robot'), SetParameter('use_sim_time', True)]

    def group(actions: list[Any], **options: Any) -> GroupAction:
        return GroupAction([*inside, *actions], **options)

    example = readme_example(GroupAction=group)
    node = launch.run(example)['posenet_node']
    assert '__ns:=/robot' in node.arguments
    assert node.parameter('use_sim_time') is True


def test_the_parameter_files_of_launch_are_in_the_folder_of_the_test(
    launch: RecordedLaunch, tmp_path: Path
) -> None:
    node = launch.run(include(image_topics='/a/image'))['posenet_node']
    files = [word for word in node.arguments if 'launch_params_' in word]
    assert files
    assert all(Path(file).is_relative_to(tmp_path) for file in files)
