"""A program that prints the stamp and time of arrival, in ns, of each PoseArray."""

import sys
import time

from rclpy.node import Node

from posenet_ros.msg import PoseArray
from posenet_ros.ros.end_signals import EndSignals
from posenet_ros.ros.process import run
from posenet_ros.ros.topics.qos import POSES_QOS


class PoseListener(Node):
    """Prints when poses arrive."""

    def __init__(self) -> None:
        """Subscribe."""
        super().__init__('pose_listener')
        self.create_subscription(PoseArray, '/camera/poses', _print_times, POSES_QOS)


def _print_times(message: PoseArray) -> None:
    stamp = message.header.stamp
    print(stamp.sec * 1_000_000_000 + stamp.nanosec, time.time_ns(), flush=True)


if __name__ == '__main__':
    sys.exit(run(PoseListener, EndSignals(), name='pose_listener'))
