"""
The demo: a picture or video of people, through image_source, DDS and posenet_node.

Two nodes run in processes of their own, as on a robot; this one only listens. It prints what
arrives, saves one annotated image, and ends with 0 only if people were found.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time

import rclpy
from rclpy.node import Node
from rclpy.utilities import try_shutdown
from sensor_msgs.msg import Image
import skimage.data

from posenet_ros.image_files import write_png
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.msg import Pose, PoseArray
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

_ROOT = Path(__file__).parent.parent
_PROGRAMS = _ROOT / 'install' / 'posenet_ros' / 'lib' / 'posenet_ros'
_PICTURE = _ROOT / 'demo' / 'annotated.png'

# Pose messages to see before the demo is over, and the seconds after which it gives up.
_ENOUGH = 100
_PATIENCE = 60.0
# Domains 1 to 101 work on every platform. The tests take 1 to 50; one for this process of the
# others keeps two demos apart.
_DOMAINS = range(51, 102)


class Watcher(Node):
    """Listens to the poses, and keeps an annotated image of people when there is one."""

    def __init__(self) -> None:
        """Subscribe."""
        super().__init__('demo')
        self.messages = 0
        self.with_people = 0
        self.annotated: Image | None = None
        self._stamps_with_people: set[tuple[int, int]] = set()
        self._arrivals: deque[float] = deque(maxlen=30)
        self.create_subscription(PoseArray, 'poses', self._see, POSES_QOS)
        self.create_subscription(Image, 'image_annotated', self._keep, IMAGE_QOS)

    def _see(self, message: PoseArray) -> None:
        self.messages += 1
        if message.poses:
            self.with_people += 1
            self._stamps_with_people.add(_stamp(message))
        self._arrivals.append(time.monotonic())
        if self.messages % 20 == 0:
            people = ''.join(f'\n  {_describe(pose)}' for pose in message.poses) or ' nobody'
            print(f'{self.messages} images, {self._rate():.0f} a second:{people}', flush=True)

    def _keep(self, message: Image) -> None:
        if self.annotated is None or _stamp(message) in self._stamps_with_people:
            self.annotated = message

    def _rate(self) -> float:
        return (len(self._arrivals) - 1) / (self._arrivals[-1] - self._arrivals[0])


def main() -> int:
    """Run the demo and return its exit code."""
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    os.environ['ROS_DOMAIN_ID'] = str(_DOMAINS[os.getpid() % len(_DOMAINS)])
    with tempfile.TemporaryDirectory() as folder:
        source = sys.argv[1] if len(sys.argv) > 1 else _astronaut(Path(folder))
        with (
            _program('posenet_node') as node,
            _program('image_source', '-p', f'source:={source}', '-p', 'loop:=true') as player,
        ):
            return _watch([node, player])


def _watch(processes: list['subprocess.Popen[bytes]']) -> int:
    rclpy.init()
    watcher = Watcher()
    give_up = time.monotonic() + _PATIENCE
    try:
        while watcher.messages < _ENOUGH or watcher.annotated is None:
            rclpy.spin_once(watcher, timeout_sec=0.1)
            if any(process.poll() is not None for process in processes):
                print('demo: a node has ended; it says why above', file=sys.stderr)
                return 1
            if time.monotonic() > give_up:
                print(
                    f'demo: only {watcher.messages} images were answered within {_PATIENCE:.0f} s',
                    file=sys.stderr,
                )
                return 1
        write_png(_PICTURE, to_rgb(watcher.annotated))
    finally:
        watcher.destroy_node()
        try_shutdown()
    found = f'people in {watcher.with_people} of {watcher.messages} images'
    print(f'{found}; look at {_PICTURE.relative_to(_ROOT)}')
    return 0 if watcher.with_people else 1


@contextmanager
def _program(name: str, *parameters: str) -> Iterator['subprocess.Popen[bytes]']:
    """Run a node program as long as the block lasts."""
    process = subprocess.Popen([_PROGRAMS / name, '--ros-args', *parameters])
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _astronaut(folder: Path) -> Path:
    """Write the picture that comes with scikit-image, in the public domain."""
    path = folder / 'astronaut.png'
    write_png(path, skimage.data.astronaut())
    return path


def _stamp(message: PoseArray | Image) -> tuple[int, int]:
    """Return when the image was taken; poses and annotated image of one image have it alike."""
    stamp = message.header.stamp
    return stamp.sec, stamp.nanosec


def _describe(pose: Pose) -> str:
    """Return a pose in a line: its score, and the surest keypoints."""
    keypoints = sorted(pose.keypoints, key=lambda keypoint: -keypoint.score)[:3]
    places = ', '.join(f'{PART_NAMES[k.id]} at ({k.x:.0f}, {k.y:.0f})' for k in keypoints)
    return f'person, score {pose.score:.2f}: {places}'


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit('demo: interrupted')
