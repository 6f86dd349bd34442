"""
The demo: finds people in a picture or a video with image_source and posenet_node.

The two nodes run in separate processes, as on a robot. The demo subscribes to their outputs,
prints the poses and saves one annotated image. It exits with code 0 only if the node found people.
"""

import argparse
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from ament_index_python import get_package_prefix
import rclpy
from rclpy.node import Node
from rclpy.utilities import try_shutdown
from sensor_msgs.msg import Image

from posenet_ros.image_files import write_png
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.msg import Pose, PoseArray
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

# NOTICE names the sources of the picture.
_PEOPLE = Path(__file__).with_name('people.jpg')
# Seconds after which the demo gives up.
_TIMEOUT = 60.0
# One of this many pose messages is printed.
_PRINT_EVERY = 20
# Domains 1 to 101 work on every platform. The tests use 1 to 50. The process id selects one of the
# others, which keeps two demos apart.
_DOMAINS = range(51, 102)


class Listener(Node):
    """Counts the pose messages, and keeps an annotated image, with people if possible."""

    def __init__(self) -> None:
        """Subscribe to the poses and to the annotated images."""
        super().__init__('demo')
        self.messages = 0
        self.with_people = 0
        self.annotated: Image | None = None
        self._stamps_with_people: set[tuple[int, int]] = set()
        self._arrivals: deque[float] = deque(maxlen=30)
        self.create_subscription(PoseArray, 'poses', self._receive_poses, POSES_QOS)
        self.create_subscription(Image, 'image_annotated', self._receive_image, IMAGE_QOS)

    def _receive_poses(self, message: PoseArray) -> None:
        self.messages += 1
        if message.poses:
            self.with_people += 1
            self._stamps_with_people.add(_stamp(message))
        self._arrivals.append(time.monotonic())
        if self.messages % _PRINT_EVERY == 0:
            lines = ''.join(f'\n  {_describe(pose)}' for pose in message.poses) or ' nobody'
            print(f'{self.messages} images, {self._rate():.0f} per second:{lines}', flush=True)

    def _receive_image(self, message: Image) -> None:
        if self.annotated is None or _stamp(message) in self._stamps_with_people:
            self.annotated = message

    def _rate(self) -> float:
        return (len(self._arrivals) - 1) / (self._arrivals[-1] - self._arrivals[0])


def main() -> int:
    """Run the demo and return its exit code."""
    parsed = _parse_arguments()
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    if os.environ.get('ROS_DISTRO') == 'humble':  # it knows only the older variable
        os.environ['ROS_LOCALHOST_ONLY'] = '1'
    os.environ['ROS_DOMAIN_ID'] = str(_DOMAINS[os.getpid() % len(_DOMAINS)])
    with (
        _run_node('posenet_node') as posenet,
        _run_node('image_source', '-p', f'source:={parsed.source}', '-p', 'loop:=true') as player,
    ):
        return _listen([posenet, player], parsed.images, parsed.annotated)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Find people in a picture or a video with ROS 2.')
    parser.add_argument(
        'source',
        nargs='?',
        default=_PEOPLE,
        metavar='SOURCE',
        help='path of an image or a video, or the number of a webcam '
        '[default: a picture of two people]',
    )
    parser.add_argument(
        '--images',
        type=int,
        default=100,
        metavar='INT',
        help='stop after this many images [default: 100]',
    )
    parser.add_argument(
        '--annotated',
        type=Path,
        default=Path(__file__).with_name('annotated.png'),
        metavar='PATH',
        help='file for an annotated image [default: annotated.png beside this program]',
    )
    return parser.parse_args()


def _listen(processes: list['subprocess.Popen[bytes]'], images: int, annotated_file: Path) -> int:
    """Wait until the poses of enough images have arrived, and return the exit code."""
    rclpy.init()
    listener = Listener()
    give_up = time.monotonic() + _TIMEOUT
    try:
        while listener.messages < images or listener.annotated is None:
            rclpy.spin_once(listener, timeout_sec=0.1)
            if any(process.poll() is not None for process in processes):
                return _fail('a node exited; its log above says why')
            if time.monotonic() > give_up:
                return _fail(f'only {listener.messages} images arrived within {_TIMEOUT:.0f} s')
        write_png(annotated_file, to_rgb(listener.annotated))
    finally:
        listener.destroy_node()
        try_shutdown()
    if not listener.with_people:
        return _fail(f'found nobody in {listener.messages} images; try a source with people')
    print(
        f'found people in {listener.with_people} of {listener.messages} images; '
        f'see {os.path.relpath(annotated_file)}'
    )
    return 0


def _fail(reason: str) -> int:
    """Print why the demo failed, and return its exit code."""
    print(f'demo: {reason}', file=sys.stderr)
    return 1


@contextmanager
def _run_node(name: str, *parameters: str) -> Iterator['subprocess.Popen[bytes]']:
    """Run a node in a separate process until the block ends."""
    program = Path(get_package_prefix('posenet_ros')) / 'lib' / 'posenet_ros' / name
    process = subprocess.Popen([program, '--ros-args', *parameters])
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _stamp(message: PoseArray | Image) -> tuple[int, int]:
    """Return the time of the image, which its poses and its annotated image have in common."""
    stamp = message.header.stamp
    return stamp.sec, stamp.nanosec


def _describe(pose: Pose) -> str:
    """Return one line about a pose: id, score, and the three best keypoints."""
    keypoints = sorted(pose.keypoints, key=lambda keypoint: -keypoint.score)[:3]
    places = ', '.join(f'{PART_NAMES[k.id]} at ({k.x:.0f}, {k.y:.0f})' for k in keypoints)
    identity = f' {pose.track_id}' if pose.track_id else ''
    return f'person{identity}, score {pose.score:.2f}: {places}'


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit('demo: interrupted')
