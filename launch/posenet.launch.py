"""Start posenet_node, and RViz with its annotated image where that is asked for."""

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
    (
        'model',
        '',
        'mobilenet_v1_050, mobilenet_v1_075 or mobilenet_v1_100; empty: as in params_file',
    ),
    ('namespace', '', 'namespace of the node and its topics'),
    ('rviz', 'false', 'true: open RViz with the annotated image of the first camera'),
)
# Images need more shared memory than Fast DDS takes by default. The name changed with Fast DDS 3.
_FASTDDS_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
_FASTDDS_PROFILE = str(_SHARE / 'config' / 'fastdds_images.xml')


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and what they start."""
    arguments = [
        DeclareLaunchArgument(name, default_value=default, description=description)
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
    topics = yaml.safe_load(given['image_topics']) or []
    topics = [topics] if isinstance(topics, str) else topics
    overrides = {'image_topics': topics, 'model': given['model']}
    posenet = Node(
        package='posenet_ros',
        executable='posenet_node',
        name='posenet',
        namespace=given['namespace'],
        parameters=[
            given['params_file'],
            {name: value for name, value in overrides.items() if value},
        ],
        output='screen',
    )
    if not yaml.safe_load(given['rviz']):
        return [posenet]
    get_package_prefix('rviz2')  # raises, with the package's name, before anything is started
    beside = topics[0].rpartition('/')[:2] if topics else ('', '')
    rviz = Node(
        package='rviz2',
        executable='rviz2',
        namespace=given['namespace'],
        arguments=['-d', str(_SHARE / 'rviz' / 'posenet.rviz')],
        remappings=[('image_annotated', ''.join([*beside, 'image_annotated']))],
    )
    return [posenet, rviz]
