"""Launch posenet_node and, optionally, a camera driver, RViz and hri_bodies."""

from pathlib import Path
from typing import Any

from ament_index_python import get_package_prefix, get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, LogInfo, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node
from launch_ros.utilities import make_namespace_absolute, prefix_namespace

from posenet_ros.fastdds_profile import profile_variables
from posenet_ros.messages.topic_names import topics_beside
from posenet_ros.ros.parameters.launch_arguments import (
    check_camera_frame,
    check_choice,
    check_namespace,
    check_node_name,
    check_params_file,
    describe_unused_driver,
    to_bool,
    to_image_topics,
    to_log_level,
    to_parameters,
)
from posenet_ros.ros.parameters.node_settings import NodeSettings

_SHARE = Path(get_package_share_directory('posenet_ros'))

_ARGUMENTS = {
    'params_file': 'YAML file with parameters of the node, such as a copy of config/posenet.yaml. '
    'Its sections /** and those with the name of the node apply.',
    'parameters': 'YAML mapping of parameters of the node, such as {score_threshold: 0.4}. They '
    'take precedence over params_file.',
    'image_topics': 'Image topics, one per camera, such as /camera/image_raw, or '
    '[/front/image_raw, /rear/image_raw]. If empty, those of params_file are used, or image_raw '
    'if it has none.',
    'namespace': 'Namespace of the nodes and their topics.',
    'name': 'Name of the node.',
    'camera': 'Camera driver to start: none, v4l2 (package v4l2_camera) or usb (package usb_cam). '
    'It publishes image_raw, the default of image_topics. The launch file does not read '
    'params_file: if that sets image_topics, check that image_raw is one of them.',
    'camera_frame': 'frame_id of the images, for the camera driver and as the fixed frame of '
    'RViz.',
    'rviz': 'Start RViz and show the annotated image and markers of the first camera in the '
    'argument image_topics, or of image_raw if the argument is empty. Allowed: true or false.',
    'hri': 'Start hri_bodies, which publishes people as ROS4HRI has them, for the cameras in the '
    'argument image_topics, or for image_raw if the argument is empty. It needs hri_msgs. '
    'Allowed: true or false.',
    'log_level': 'Minimum severity of what the node logs: debug, info, warn, error or fatal.',
    'use_sim_time': 'Use the time from /clock in all processes. Allowed: true or false. If empty, '
    'a SetParameter action can set it for all processes, and params_file for the node only.',
    'respawn': 'Restart the node and the camera driver whenever they exit. Allowed: true or '
    'false.',
}
# The defaults that are not empty.
_DEFAULTS = {
    'name': 'posenet',
    'camera': 'none',
    'camera_frame': 'camera',
    'rviz': 'false',
    'hri': 'false',
    'log_level': 'info',
    'respawn': 'false',
}
# For each value of `camera`: package, executable, and the parameter that sets the frame_id.
_DRIVERS = {
    'v4l2': ('v4l2_camera', 'v4l2_camera_node', 'camera_frame_id'),
    'usb': ('usb_cam', 'usb_cam_node_exe', 'frame_id'),
}
# What the drivers publish, in their namespace.
_DRIVER_TOPIC = 'image_raw'
# Images need more shared memory than Fast DDS has by default.
_FASTDDS_PROFILE = str(_SHARE / 'config' / 'fastdds_images.xml')
# Seconds that the middleware may take to discover that launch subscribes to the transitions.
_LISTENER_TIMEOUT = 10.0


def generate_launch_description() -> LaunchDescription:
    """Return the arguments of the launch file and the processes to start."""
    arguments = [
        DeclareLaunchArgument(name, default_value=_DEFAULTS.get(name, ''), description=description)
        for name, description in _ARGUMENTS.items()
    ]
    return LaunchDescription([*arguments, OpaqueFunction(function=_nodes)])


def _nodes(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the nodes, with the parameters of all arguments that are not empty."""
    given = {name: LaunchConfiguration(name).perform(context) for name in _ARGUMENTS}
    check_params_file(given['params_file'])
    check_node_name(given['name'])
    check_namespace(given['namespace'])
    check_camera_frame(given['camera_frame'])
    check_choice('camera', given['camera'], ['none', *_DRIVERS])
    parameters = _parameters(given)
    options = {
        'namespace': given['namespace'],
        # SetEnvironmentVariable would also set it for processes of the user's launch file.
        'additional_env': profile_variables(context.environment, _FASTDDS_PROFILE),
    }
    nodes: list[LaunchDescriptionEntity] = [_posenet(given, parameters, options)]
    image_topics = parameters.get('image_topics', [])
    if given['camera'] != 'none':
        nodes += _driver(given, image_topics, options, context)
    if to_bool('rviz', given['rviz']):
        nodes += _rviz(given, image_topics, options)
    if to_bool('hri', given['hri']):
        nodes += _hri_bodies(given, parameters, options)
    return nodes


def _parameters(given: dict[str, str]) -> dict[str, Any]:
    """Return the parameters that arguments set."""
    parameters = to_parameters(given['parameters'])
    if given['image_topics']:
        transport = parameters.get('image_transport', 'raw')
        topics = to_image_topics(given['image_topics'], image_transport=transport)
        parameters['image_topics'] = topics
    return parameters


def _posenet(
    given: dict[str, str], parameters: dict[str, Any], options: dict[str, Any]
) -> LifecycleNode:
    file, own = given['params_file'], {**parameters, **_clock(given)}
    return LifecycleNode(
        package='posenet_ros',
        executable='posenet_node',
        name=given['name'],
        # Any other source of the parameter has precedence over -p.
        ros_arguments=[
            *('-p', f'transition_listener_timeout:={_LISTENER_TIMEOUT}'),
            *('--log-level', to_log_level(given['log_level'])),
        ],
        parameters=[*filter(None, [file, own])],
        output='screen',
        **_respawn(given),
        **options,
    )


def _driver(
    given: dict[str, str],
    image_topics: list[str],
    options: dict[str, Any],
    context: LaunchContext,
) -> list[LaunchDescriptionEntity]:
    """Return the driver, and a line for the log if the node does not use its images."""
    package, executable, frame = _DRIVERS[given['camera']]
    get_package_prefix(package)  # raises an error with the package's name before anything starts
    driver = Node(
        package=package,
        executable=executable,
        parameters=[{frame: given['camera_frame'], **_clock(given)}],
        output='screen',
        **_respawn(given),
        **options,
    )
    if not image_topics:
        return [driver]
    pushed = context.launch_configurations.get('ros_namespace')
    namespace = make_namespace_absolute(prefix_namespace(pushed, given['namespace']) or '')
    hint = describe_unused_driver(
        given['camera'], _DRIVER_TOPIC, image_topics, namespace=namespace
    )
    return [LogInfo(msg=hint), driver] if hint else [driver]


def _rviz(
    given: dict[str, str], image_topics: list[str], options: dict[str, Any]
) -> list[LaunchDescriptionEntity]:
    """Return RViz, and a line for the log if the user did not choose the camera that it shows."""
    get_package_prefix('rviz2')  # as above
    shown, *_ = image_topics or NodeSettings().image_topics
    topics = topics_beside(shown)
    rviz = Node(
        package='rviz2',
        executable='rviz2',
        arguments=['-d', str(_SHARE / 'rviz' / 'posenet.rviz'), '-f', given['camera_frame']],
        parameters=[_clock(given)],
        remappings=[
            ('image_annotated', topics.image_annotated),
            ('pose_markers', topics.pose_markers),
        ],
        **options,
    )
    if image_topics:
        return [rviz]
    hint = (
        f'RViz shows the poses in {shown}. To show another camera, pass its image topic, '
        'for example: image_topics:=/front/image_raw'
    )
    return [LogInfo(msg=hint), rviz]


def _hri_bodies(
    given: dict[str, str], parameters: dict[str, Any], options: dict[str, Any]
) -> list[LaunchDescriptionEntity]:
    """Return hri_bodies, and a line for the log if the user did not choose the cameras."""
    get_package_prefix('hri_msgs')  # as above
    names = ('image_topics', 'image_transport', 'max_image_pixels')
    own = {name: parameters[name] for name in names if name in parameters}
    node = Node(
        package='posenet_ros',
        executable='hri_bodies',
        parameters=[{**own, **_clock(given)}],
        output='screen',
        **_respawn(given),
        **options,
    )
    if 'image_topics' in own:
        return [node]
    hint = (
        'hri_bodies follows the people in image_raw. For other cameras, pass their image topics, '
        'for example: image_topics:=/front/image_raw'
    )
    return [LogInfo(msg=hint), node]


def _clock(given: dict[str, str]) -> dict[Any, Any]:
    """Return the parameter use_sim_time if the user set it: it would override any other source."""
    text = given['use_sim_time']
    return {'use_sim_time': to_bool('use_sim_time', text)} if text else {}


def _respawn(given: dict[str, str]) -> dict[str, Any]:
    return {'respawn': to_bool('respawn', given['respawn']), 'respawn_delay': 2.0}
