"""Start posenet_node, with a camera's driver and RViz where they are asked for."""

from pathlib import Path
from typing import Any

from ament_index_python import get_package_prefix, get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from posenet_ros.ros.parameters.launch_arguments import (
    check_parameters,
    describe_arguments,
    read_parameter_file,
    to_parameters,
)
from posenet_ros.ros.topics.camera_topics import topics_beside

_SHARE = Path(get_package_share_directory('posenet_ros'))

# Name, default, description.
_ARGUMENTS = (
    ('params_file', str(_SHARE / 'config' / 'posenet.yaml'), 'parameters of the node, as YAML'),
    ('use_sim_time', 'false', 'true: take the time from /clock'),
    ('namespace', '', 'namespace of the nodes and their topics'),
    (
        'respawn',
        'false',
        "true: start the node, and the camera's driver, again when they end by themselves",
    ),
    (
        'camera',
        'none',
        'v4l2 or usb: also start that camera driver (package v4l2_camera or usb_cam), whose '
        'images are the default image topic',
    ),
    ('rviz', 'false', "true: open RViz with the first camera's annotated image and markers"),
    ('frame', 'camera', 'frame_id of the images, in which RViz shows the markers'),
    *((name, '', description) for name, description in describe_arguments().items()),
)
# Driver by `camera`: package, executable, and its parameter for the images' frame.
_DRIVERS = {
    'v4l2': ('v4l2_camera', 'v4l2_camera_node', 'camera_frame_id'),
    'usb': ('usb_cam', 'usb_cam_node_exe', 'frame_id'),
}
# Arguments that take no other values, by the default.
_CHOICES = {'false': ['true', 'false'], 'none': ['none', *_DRIVERS]}
# Images need more shared memory than Fast DDS takes by default. The name changed with Fast DDS 3.
_FASTDDS_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
_FASTDDS_PROFILE = str(_SHARE / 'config' / 'fastdds_images.xml')


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and what they start."""
    arguments = [
        DeclareLaunchArgument(
            name, default_value=default, description=description, choices=_CHOICES.get(default)
        )
        for name, default, description in _ARGUMENTS
    ]
    middleware = [
        SetEnvironmentVariable(name, EnvironmentVariable(name, default_value=_FASTDDS_PROFILE))
        for name in _FASTDDS_VARIABLES
    ]
    return LaunchDescription([*arguments, *middleware, OpaqueFunction(function=_nodes)])


def _nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the nodes; a function, as empty arguments must not override the parameter file."""
    given = {name: LaunchConfiguration(name).perform(context) for name, *_ in _ARGUMENTS}
    overrides = to_parameters(given)
    name = '/'.join(['', *filter(None, given['namespace'].split('/')), 'posenet'])
    parameters = {**read_parameter_file(Path(given['params_file']), name), **overrides}
    check_parameters(parameters)
    nodes = [_posenet(given, overrides)]
    if given['camera'] != 'none':
        nodes.append(_driver(given))
    if given['rviz'] == 'true':
        nodes.append(_rviz(given, *parameters.get('image_topics', [])[:1]))
    return nodes


def _posenet(given: dict[str, str], overrides: dict[str, Any]) -> Node:
    return Node(
        package='posenet_ros',
        executable='posenet_node',
        name='posenet',
        namespace=given['namespace'],
        parameters=[
            given['params_file'],
            {**_as_they_are(overrides), 'use_sim_time': given['use_sim_time'] == 'true'},
        ],
        output='screen',
        **_respawn(given),
    )


def _driver(given: dict[str, str]) -> Node:
    package, executable, frame = _DRIVERS[given['camera']]
    get_package_prefix(package)  # raises, with the package's name, before anything is started
    return Node(
        package=package,
        executable=executable,
        namespace=given['namespace'],
        parameters=[_as_they_are({frame: given['frame']})],
        output='screen',
        **_respawn(given),
    )


def _rviz(given: dict[str, str], image_topic: str = '') -> Node:
    get_package_prefix('rviz2')  # as above
    topics = topics_beside(image_topic)
    return Node(
        package='rviz2',
        executable='rviz2',
        namespace=given['namespace'],
        arguments=['-d', str(_SHARE / 'rviz' / 'posenet.rviz'), '-f', given['frame']],
        remappings=[
            ('image_annotated', topics.image_annotated),
            ('pose_markers', topics.pose_markers),
        ],
    )


def _respawn(given: dict[str, str]) -> dict[str, Any]:
    return {'respawn': given['respawn'] == 'true', 'respawn_delay': 2.0}


def _as_they_are(parameters: dict[str, Any]) -> dict[str, Any]:
    """Keep launch from reading texts as YAML, which takes 257 for a number and off for false."""
    return {
        name: ParameterValue(value, value_type=str) if isinstance(value, str) else value
        for name, value in parameters.items()
    }
