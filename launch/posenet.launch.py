"""Start posenet_node, and RViz with its annotated image where that is asked for."""

from pathlib import Path

from ament_index_python import get_package_share_directory
from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.conditions import IfCondition
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node
import yaml

_SHARE = Path(get_package_share_directory('posenet_ros'))
# Arguments that are parameters of the node; an empty one leaves what the parameter file says.
_OVERRIDES = ('image_topics', 'model')
_FASTDDS_PROFILE = 'FASTRTPS_DEFAULT_PROFILES_FILE'


def generate_launch_description() -> LaunchDescription:
    """Return the arguments and what they start."""
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                'params_file',
                default_value=str(_SHARE / 'config' / 'posenet.yaml'),
                description='parameters of the node, as YAML',
            ),
            DeclareLaunchArgument(
                'image_topics',
                default_value='',
                description='image topics, such as /camera/image_raw or [/front/image_raw, '
                '/rear/image_raw]; empty: as in params_file',
            ),
            DeclareLaunchArgument(
                'model',
                default_value='',
                description='mobilenet_v1_050, mobilenet_v1_075 or mobilenet_v1_100; '
                'empty: as in params_file',
            ),
            DeclareLaunchArgument(
                'namespace', default_value='', description='namespace of the node and its topics'
            ),
            DeclareLaunchArgument(
                'rviz',
                default_value='false',
                choices=['true', 'false'],
                description='whether to open RViz with the annotated image',
            ),
            # Images need more shared memory than Fast DDS takes by default.
            SetEnvironmentVariable(
                _FASTDDS_PROFILE,
                EnvironmentVariable(
                    _FASTDDS_PROFILE,
                    default_value=str(_SHARE / 'config' / 'fastdds_images.xml'),
                ),
            ),
            OpaqueFunction(function=_posenet_node),
            Node(
                package='rviz2',
                executable='rviz2',
                namespace=LaunchConfiguration('namespace'),
                arguments=['-d', str(_SHARE / 'rviz' / 'posenet.rviz')],
                condition=IfCondition(LaunchConfiguration('rviz')),
            ),
        ]
    )


def _posenet_node(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    given = {name: LaunchConfiguration(name).perform(context) for name in _OVERRIDES}
    overrides = {name: yaml.safe_load(value) for name, value in given.items() if value}
    if isinstance(overrides.get('image_topics'), str):
        overrides['image_topics'] = [overrides['image_topics']]
    node = Node(
        package='posenet_ros',
        executable='posenet_node',
        name='posenet',
        namespace=LaunchConfiguration('namespace'),
        parameters=[LaunchConfiguration('params_file'), overrides],
        output='screen',
    )
    return [node]
