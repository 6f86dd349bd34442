"""Start posenet_node, with a camera's driver and RViz where they are asked for."""

from pathlib import Path

from ament_index_python import get_package_prefix, get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node
import yaml

_SHARE = Path(get_package_share_directory('posenet_ros'))

# Name, default, description.
_ARGUMENTS = (
    ('params_file', str(_SHARE / 'config' / 'posenet.yaml'), 'parameters of the node, as YAML'),
    (
        'image_topics',
        '',
        'image topics, such as /camera/image_raw or [/front/image_raw, /rear/image_raw]; '
        'empty: as in params_file',
    ),
    ('image_transport', '', 'raw or compressed; empty: as in params_file'),
    (
        'model',
        '',
        'mobilenet_v1_050, mobilenet_v1_075 or mobilenet_v1_100; empty: as in params_file',
    ),
    (
        'autostart',
        '',
        'false: wait for lifecycle transitions instead of coming up active; '
        'empty: as in params_file',
    ),
    ('use_sim_time', 'false', 'true: take the time from /clock'),
    ('namespace', '', 'namespace of the nodes and their topics'),
    ('respawn', 'false', 'true: start the node again when it ends by itself'),
    (
        'camera',
        'none',
        'v4l2 or usb: also start that camera driver (package v4l2_camera or usb_cam), whose '
        'images are the default image topic',
    ),
    ('rviz', 'false', "true: open RViz with the first camera's annotated image and markers"),
    ('frame', 'camera', 'frame_id of the images, in which RViz shows the markers'),
)
# Those that are parameters of the node; an empty one leaves what the parameter file says.
_OVERRIDES = ('image_topics', 'image_transport', 'model', 'autostart')
# Driver by `camera`: package, executable, and its parameter for the images' frame.
_DRIVERS = {
    'v4l2': ('v4l2_camera', 'v4l2_camera_node', 'camera_frame_id'),
    'usb': ('usb_cam', 'usb_cam_node_exe', 'frame_id'),
}
# Images need more shared memory than Fast DDS takes by default. The name changed with Fast DDS 3.
_FASTDDS_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
_FASTDDS_PROFILE = str(_SHARE / 'config' / 'fastdds_images.xml')


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and what they start."""
    arguments = [
        DeclareLaunchArgument(
            name,
            default_value=default,
            description=description,
            choices=['true', 'false'] if default == 'false' else None,
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
    overrides = {name: yaml.safe_load(given[name]) for name in _OVERRIDES if given[name]}
    if isinstance(overrides.get('image_topics'), str):
        overrides['image_topics'] = [overrides['image_topics']]
    nodes = [_posenet(given, overrides)]
    if given['camera'] != 'none':
        nodes.append(_driver(given))
    if given['rviz'] == 'true':
        topics = overrides.get('image_topics') or ['']
        nodes.append(_rviz(given, topics[0]))
    return nodes


def _posenet(given: dict[str, str], overrides: dict[str, object]) -> Node:
    return Node(
        package='posenet_ros',
        executable='posenet_node',
        name='posenet',
        namespace=given['namespace'],
        parameters=[
            given['params_file'],
            {**overrides, 'use_sim_time': given['use_sim_time'] == 'true'},
        ],
        respawn=given['respawn'] == 'true',
        respawn_delay=2.0,
        output='screen',
    )


def _driver(given: dict[str, str]) -> Node:
    if given['camera'] not in _DRIVERS:
        raise ValueError(f'camera is {given["camera"]!r}, choose none, {", ".join(_DRIVERS)}')
    package, executable, frame = _DRIVERS[given['camera']]
    get_package_prefix(package)  # raises, with the package's name, before anything is started
    return Node(
        package=package,
        executable=executable,
        namespace=given['namespace'],
        parameters=[{frame: given['frame']}],
    )


def _rviz(given: dict[str, str], image_topic: str) -> Node:
    get_package_prefix('rviz2')  # as above
    namespace, slash, _ = image_topic.removesuffix('/compressed').rpartition('/')
    outputs = ('image_annotated', 'pose_markers')
    return Node(
        package='rviz2',
        executable='rviz2',
        namespace=given['namespace'],
        arguments=['-d', str(_SHARE / 'rviz' / 'posenet.rviz'), '-f', given['frame']],
        remappings=[(output, f'{namespace}{slash}{output}') for output in outputs],
    )
