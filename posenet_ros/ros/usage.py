"""
The usage of the programs, which `--help` prints.

Programs call this before they import rclpy, which takes about a second. ROS itself ignores
`--help`, and the node would start.
"""

from collections.abc import Sequence
import sys

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


def exit_if_help_requested(program: str, arguments: Sequence[str]) -> None:
    """Print the usage of a program and exit with code 0, if its arguments request help."""
    if any(argument in _HELP for argument in arguments):
        print(_USAGES[program], end='')
        sys.exit(0)
