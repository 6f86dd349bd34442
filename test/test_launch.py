"""
What the launch file makes of its arguments, with the real launch; no process is started.

These tests are skipped unless a ROS 2 distribution is sourced, as launch_ros is not available as a
wheel.
"""

from pathlib import Path
from typing import Any

from ament_index_python import PackageNotFoundError
from golden import ROOT
import pytest

launch_ros = pytest.importorskip(
    'launch_ros', reason='launch_ros is missing: it comes with a ROS 2 distribution'
)
from launch import LaunchContext  # noqa: E402, I100  (only if it is installed)
from launch.actions import DeclareLaunchArgument, LogInfo  # noqa: E402
from launch.launch_description_sources import PythonLaunchDescriptionSource  # noqa: E402
from launch.utilities import perform_substitutions  # noqa: E402
from launched_programs import add_prefix, install, LAUNCH_FILE  # noqa: E402

from posenet_ros.errors import SettingError  # noqa: E402
from posenet_ros.ros.parameters.parameter_table import PARAMETERS  # noqa: E402
from posenet_ros.settings import rows  # noqa: E402


@pytest.fixture(autouse=True)
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a prefix for the packages that `install` installs."""
    add_prefix(tmp_path, monkeypatch)
    return tmp_path


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
        ('hri:=maybe', "hri is 'maybe', expected true or false"),
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


def test_hri_msgs_that_are_not_installed_are_named_before_anything_starts() -> None:
    with pytest.raises(PackageNotFoundError, match='hri_msgs'):
        start('hri:=true')


def test_hri_bodies_follows_the_cameras_of_the_node(prefix: Path) -> None:
    install('hri_msgs', 'unused', '', prefix)
    _, bodies = start('hri:=true', 'image_topics:=[/a/image, /b/image]')
    assert bodies.node_executable == 'hri_bodies'


def test_without_image_topics_a_line_says_which_camera_hri_bodies_follows(prefix: Path) -> None:
    install('hri_msgs', 'unused', '', prefix)
    _, hint, _ = start('hri:=true')
    assert 'image_raw' in text_of(hint)
    assert 'image_topics:=' in text_of(hint)


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
