"""
A program that records when messages arrive.

    listener.py poses|positions|images FILE TOPIC...

For each message on the topics, it appends a record to FILE (`programs.records`); for positions
only if a keypoint is known. It runs until SIGINT and does nothing else.
"""

from collections.abc import Callable
from math import isfinite
from pathlib import Path
import sys
import time
from typing import Any

from programs.records import RECORD
from rclpy.node import Node
from sensor_msgs.msg import Image

from posenet_ros.msg import Pose3DArray, PoseArray
from posenet_ros.ros.end_signals import EndSignals
from posenet_ros.ros.process import run
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

_KINDS = {
    'poses': (PoseArray, POSES_QOS),
    'positions': (Pose3DArray, POSES_QOS),
    'images': (Image, IMAGE_QOS),
}


class Listener(Node):
    """Records the messages on some topics."""

    def __init__(self, kind: str, path: Path, topics: list[str]) -> None:
        """Open the file and subscribe to the topics."""
        super().__init__(f'listener_of_{kind}')
        self._file = path.open('ab', buffering=0)
        message_type, qos = _KINDS[kind]
        for number, topic in enumerate(topics):
            self.create_subscription(message_type, topic, self._recorder(number), qos)

    def destroy_node(self) -> None:
        """Close the file and destroy the node."""
        self._file.close()
        super().destroy_node()

    def _recorder(self, number: int) -> Callable[[Any], None]:
        """Return the callback that records the messages of a topic."""

        def record(message: Any) -> None:
            received = time.time_ns()
            if isinstance(message, Pose3DArray) and not _locates_anybody(message):
                return
            stamp = message.header.stamp
            sent = stamp.sec * 1_000_000_000 + stamp.nanosec
            self._file.write(RECORD.pack(number, sent, received))

        return record


def _locates_anybody(message: Pose3DArray) -> bool:
    points = (keypoint.position for pose in message.poses for keypoint in pose.keypoints)
    return any(isfinite(point.z) for point in points)


def main(kind: str, path: str, *topics: str) -> int:
    """Listen until a signal stops the program, and return the exit code."""
    return run(lambda: Listener(kind, Path(path), list(topics)), EndSignals(), name='listener')


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
