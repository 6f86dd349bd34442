"""Launch posenet_node and, optionally, a camera driver and RViz."""

from pathlib import Path
from typing import Any

from ament_index_python import get_package_prefix, get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import (
    DeclareLaunchArgument,
    LogInfo,
    OpaqueFunction,
    SetEnvironmentVariable,
)
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node

from posenet_ros.errors import SettingError
from posenet_ros.ros.parameters.launch_arguments import (
    check_parameters,
    describe_arguments,
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
    ('use_sim_time', 'false', 'Use the time from /clock.'),
    ('namespace', '', 'Namespace of the nodes and their topics.'),
    (
        'respawn',
        'false',
        'Restart the node and the camera driver whenever they exit.',
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
        'image_topics, or of image_raw if the argument is empty.',
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
# The allowed values of arguments with these defaults.
_CHOICES = {'false': ['true', 'false'], 'none': ['none', *_DRIVERS]}
# Images need more shared memory than Fast DDS has by default. Fast DDS 3 renamed the variable.
_FASTDDS_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
_FASTDDS_PROFILE = str(_SHARE / 'config' / 'fastdds_images.xml')


def generate_launch_description() -> LaunchDescription:
    """Return the arguments of the launch file and the processes to start."""
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
    """Return the nodes, with the parameters of all arguments that are not empty."""
    given = {name: LaunchConfiguration(name).perform(context) for name, *_ in _ARGUMENTS}
    parameters = to_parameters(given)
    check_parameters(parameters)
    _check_file(given['params_file'])
    nodes: list[LaunchDescriptionEntity] = [_posenet(given, parameters)]
    if given['camera'] != 'none':
        nodes.append(_driver(given))
    if given['rviz'] == 'true':
        nodes += _rviz(given, parameters)
    return nodes


def _check_file(path: str) -> None:
    """Raise SettingError if there is no such file; launch would only log a warning."""
    if not Path(path).is_file():
        raise SettingError(f'params_file {path!r} is not a file: set it to a YAML file')


def _posenet(given: dict[str, str], parameters: dict[str, Any]) -> Node:
    return Node(
        package='posenet_ros',
        executable='posenet_node',
        name='posenet',
        namespace=given['namespace'],
        parameters=[
            given['params_file'],
            {**parameters, 'use_sim_time': given['use_sim_time'] == 'true'},
        ],
        output='screen',
        **_respawn(given),
    )


def _driver(given: dict[str, str]) -> Node:
    package, executable, frame = _DRIVERS[given['camera']]
    get_package_prefix(package)  # raises an error with the package's name before anything starts
    return Node(
        package=package,
        executable=executable,
        namespace=given['namespace'],
        parameters=[{frame: given['frame']}],
        output='screen',
        **_respawn(given),
    )


def _rviz(given: dict[str, str], parameters: dict[str, Any]) -> list[LaunchDescriptionEntity]:
    """Return RViz, and a line for the log if the user did not choose the camera that it shows."""
    get_package_prefix('rviz2')  # as above
    image_topic, *_ = parameters.get('image_topics', NodeSettings().image_topics)
    topics = topics_beside(image_topic)
    rviz = Node(
        package='rviz2',
        executable='rviz2',
        namespace=given['namespace'],
        arguments=['-d', str(_SHARE / 'rviz' / 'posenet.rviz'), '-f', given['frame']],
        remappings=[
            ('image_annotated', topics.image_annotated),
            ('pose_markers', topics.pose_markers),
        ],
    )
    if 'image_topics' in parameters:
        return [rviz]
    hint = (
        f'RViz shows the poses in {image_topic}. To show another camera, pass its image topic, '
        'for example: image_topics:=/front/image_raw'
    )
    return [LogInfo(msg=hint), rviz]


def _respawn(given: dict[str, str]) -> dict[str, Any]:
    return {'respawn': given['respawn'] == 'true', 'respawn_delay': 2.0}
