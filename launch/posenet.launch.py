"""Launch posenet_node and, optionally, a camera driver and RViz."""

from pathlib import Path
from typing import Any

from ament_index_python import get_package_prefix, get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, LogInfo, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from posenet_ros.errors import SettingError
from posenet_ros.fastdds_profile import profile_variables
from posenet_ros.ros.parameters.launch_arguments import (
    check_parameters,
    describe_arguments,
    to_bool,
    to_parameters,
)
from posenet_ros.ros.parameters.node_settings import NodeSettings
from posenet_ros.ros.topics.topic_names import topics_beside

_SHARE = Path(get_package_share_directory('posenet_ros'))

# Name, default, description.
_ARGUMENTS = (
    (
        'params_file',
        str(_SHARE / 'config' / 'posenet.yaml'),
        'YAML file with the parameters of the node.',
    ),
    (
        'use_sim_time',
        '',
        'Use the time from /clock. Allowed: true or false. If empty, use_sim_time of params_file '
        'or of a SetParameter action is used.',
    ),
    ('namespace', '', 'Namespace of the nodes and their topics.'),
    (
        'respawn',
        'false',
        'Restart the node and the camera driver whenever they exit. Allowed: true or false.',
    ),
    (
        'camera',
        'none',
        'Camera driver to start: v4l2 (package v4l2_camera) or usb (package usb_cam). It '
        'publishes image_raw, the default of image_topics.',
    ),
    (
        'rviz',
        'false',
        'Start RViz and show the annotated image and markers of the first camera in the argument '
        'image_topics, or of image_raw if the argument is empty. Allowed: true or false.',
    ),
    (
        'frame',
        'camera',
        'frame_id of the images, for the camera driver and as the fixed frame of RViz.',
    ),
    *((name, '', description) for name, description in describe_arguments().items()),
)
# For each value of `camera`: package, executable, and the parameter that sets the frame_id.
_DRIVERS = {
    'v4l2': ('v4l2_camera', 'v4l2_camera_node', 'camera_frame_id'),
    'usb': ('usb_cam', 'usb_cam_node_exe', 'frame_id'),
}
# The allowed values of arguments.
_CHOICES = {'camera': ['none', *_DRIVERS]}
# Images need more shared memory than Fast DDS has by default.
_FASTDDS_PROFILE = str(_SHARE / 'config' / 'fastdds_images.xml')


def generate_launch_description() -> LaunchDescription:
    """Return the arguments of the launch file and the processes to start."""
    arguments = [
        DeclareLaunchArgument(
            name, default_value=default, description=description, choices=_CHOICES.get(name)
        )
        for name, default, description in _ARGUMENTS
    ]
    return LaunchDescription([*arguments, OpaqueFunction(function=_nodes)])


def _nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the nodes, with the parameters of all arguments that are not empty."""
    given = {name: LaunchConfiguration(name).perform(context) for name, *_ in _ARGUMENTS}
    parameters = to_parameters(given)
    check_parameters(parameters)
    _check_file(given['params_file'])
    options = {
        'namespace': given['namespace'],
        # SetEnvironmentVariable would also set it for processes of the user's launch file.
        'additional_env': profile_variables(context.environment, _FASTDDS_PROFILE),
    }
    nodes: list[LaunchDescriptionEntity] = [_posenet(given, parameters, options)]
    if given['camera'] != 'none':
        nodes.append(_driver(given, options))
    if to_bool('rviz', given['rviz']):
        nodes += _rviz(given, parameters, options)
    return nodes


def _check_file(path: str) -> None:
    """Raise SettingError if there is no such file; launch would only log a warning."""
    if not Path(path).is_file():
        raise SettingError(f'params_file {path!r} is not a file: set it to a YAML file')


def _posenet(given: dict[str, str], parameters: dict[str, Any], options: dict[str, Any]) -> Node:
    own: dict[Any, Any] = {**parameters, **_clock(given)}
    return Node(
        package='posenet_ros',
        executable='posenet_node',
        name='posenet',
        parameters=[given['params_file'], own],
        output='screen',
        **_respawn(given),
        **options,
    )


def _driver(given: dict[str, str], options: dict[str, Any]) -> Node:
    package, executable, frame = _DRIVERS[given['camera']]
    get_package_prefix(package)  # raises an error with the package's name before anything starts
    return Node(
        package=package,
        executable=executable,
        parameters=[{frame: given['frame'], **_clock(given)}],
        output='screen',
        **_respawn(given),
        **options,
    )


def _rviz(
    given: dict[str, str], parameters: dict[str, Any], options: dict[str, Any]
) -> list[LaunchDescriptionEntity]:
    """Return RViz, and a line for the log if the user did not choose the camera that it shows."""
    get_package_prefix('rviz2')  # as above
    image_topic, *_ = parameters.get('image_topics', NodeSettings().image_topics)
    topics = topics_beside(image_topic)
    rviz = Node(
        package='rviz2',
        executable='rviz2',
        arguments=['-d', str(_SHARE / 'rviz' / 'posenet.rviz'), '-f', given['frame']],
        parameters=[_clock(given)],
        remappings=[
            ('image_annotated', topics.image_annotated),
            ('pose_markers', topics.pose_markers),
        ],
        **options,
    )
    if 'image_topics' in parameters:
        return [rviz]
    hint = (
        f'RViz shows the poses in {image_topic}. To show another camera, pass its image topic, '
        'for example: image_topics:=/front/image_raw'
    )
    return [LogInfo(msg=hint), rviz]


def _clock(given: dict[str, str]) -> dict[Any, Any]:
    """Return the parameter use_sim_time if the user set it: it would override any other source."""
    text = given['use_sim_time']
    return {'use_sim_time': to_bool('use_sim_time', text)} if text else {}


def _respawn(given: dict[str, str]) -> dict[str, Any]:
    return {'respawn': to_bool('respawn', given['respawn']), 'respawn_delay': 2.0}
