"""
The usage of the programs, which `--help` prints, and the refusal of unknown arguments.

Programs call this before they import rclpy, which takes about a second. ROS itself ignores
arguments that are not after `--ros-args`, and the node would start with its defaults.
"""

from collections.abc import Sequence
import sys

from posenet_ros.quoting import quoted

_HELP = ('-h', '--help')

_USAGES = {
    'posenet_node': """\
usage: ros2 run posenet_ros posenet_node [--ros-args ...]

Finds people in camera images and publishes 17 keypoints for each of them.

docs/parameters.md describes the parameters. config/posenet.yaml is an example of a parameter file.
To list them while the node runs:

    ros2 param list /posenet
    ros2 param describe /posenet image_topics

Examples:

    ros2 run posenet_ros posenet_node --ros-args -p image_topics:=[/camera/image_raw]
    ros2 run posenet_ros posenet_node --ros-args --params-file my_posenet.yaml
    ros2 launch posenet_ros posenet.launch.py image_topics:=/camera/image_raw rviz:=true
""",
    'hri_bodies': """\
usage: ros2 run posenet_ros hri_bodies [--ros-args ...]

Publishes the people that posenet_node finds as ROS4HRI (REP 155) has them: /humans/bodies, and the
frames body_<id>. It needs hri_msgs.

The parameters are described in docs/parameters.md. To list them while the node runs:

    ros2 param list /hri_bodies
    ros2 param describe /hri_bodies body_timeout

Examples:

    ros2 run posenet_ros hri_bodies --ros-args -p image_topics:=[/camera/image_raw]
    ros2 launch posenet_ros posenet.launch.py image_topics:=/camera/image_raw hri:=true
""",
    'image_source': """\
usage: ros2 run posenet_ros image_source --ros-args -p source:=SOURCE [...]

Publishes a picture, a video or a webcam as image_raw. SOURCE is the path of a picture or a video,
or the number of a webcam.

The parameters are described in docs/parameters.md. To list them while the node runs:

    ros2 param list /image_source
    ros2 param describe /image_source rate

Examples:

    ros2 run posenet_ros image_source --ros-args -p source:=people.mp4 -p rate:=10.0
    ros2 run posenet_ros image_source --ros-args -p source:=0 -r image_raw:=/camera/image_raw
""",
}


def exit_unless_to_start(program: str, arguments: Sequence[str]) -> None:
    """
    Exit with the usage and code 0 if arguments request help, and with 2 if one is unknown.

    The programs have ROS arguments only.
    """
    if any(argument in _HELP for argument in arguments):
        print(_USAGES[program], end='')
        sys.exit(0)
    unknown = _outside_ros_arguments(arguments)
    if unknown:
        print(
            f'posenet_ros: unknown argument {quoted(unknown[0])}; parameters and other ROS '
            'arguments follow --ros-args, such as: --ros-args -p NAME:=VALUE',
            file=sys.stderr,
        )
        sys.exit(2)


def _outside_ros_arguments(arguments: Sequence[str]) -> list[str]:
    """Return the arguments that ROS ignores: those before --ros-args, or after -- behind it."""
    outside, is_ros = [], False
    for argument in arguments:
        if argument == '--ros-args':
            is_ros = True
        elif is_ros and argument == '--':
            is_ros = False
        elif not is_ros:
            outside.append(argument)
    return outside
