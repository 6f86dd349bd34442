"""A node that publishes an image, a video or a webcam, for users without a camera driver."""

from collections.abc import Iterator
from dataclasses import dataclass
import itertools
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.errors import ImageError, SettingError
from posenet_ros.image_files import read_image
from posenet_ros.ros.callbacks.guarded_node import GuardedNode
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.parameters.declaration import declare_settings
from posenet_ros.settings import Group, setting

# A reliable publisher is compatible with reliable and with best-effort subscribers.
_QOS = QoSProfile(depth=5, reliability=ReliabilityPolicy.RELIABLE)


@dataclass(frozen=True, kw_only=True)
class SourceSettings(Group):
    """Which images the node publishes, and how."""

    source: str = setting(
        '', 'Path of an image or a video, or number of a webcam, such as 0. Required.'
    )
    rate: float = setting(30.0, 'Images per second.', minimum=0.1, maximum=1000.0)
    loop: bool = setting(
        True, 'Repeat a video when it ends. If false, the node exits at the end of the video.'
    )
    frame_id: str = setting('camera', 'frame_id of the images: the optical frame of the camera.')


class ImageSource(GuardedNode):
    """Publishes `image_raw` in rgb8, stamped by the node's clock."""

    def __init__(self, **options: Any) -> None:
        """Open the source and start; raises SettingError or ImageError if it cannot be opened."""
        super().__init__('image_source', **options)
        settings = declare_settings(self, SourceSettings)
        if not settings.source:
            raise SettingError(
                'source is empty: set it to the path of an image or a video, or the number of a '
                'webcam, for example: --ros-args -p source:=/path/to/video.mp4'
            )
        self._frame_id = settings.frame_id
        self._frames = open_source(settings.source, loop=settings.loop)
        self._publisher = self.create_publisher(Image, 'image_raw', _QOS)
        self.create_timer(1 / settings.rate, self._publish_next)
        self.get_logger().info(f'{settings.source} -> {self._publisher.topic_name}')

    def _publish_next(self) -> None:
        image = next(self._frames, None)
        if image is None:
            self.get_logger().info('reached the end of the video')
            self.context.try_shutdown()
            return
        stamp = self.get_clock().now().to_msg()
        self._publisher.publish(to_image(image, Header(stamp=stamp, frame_id=self._frame_id)))


def open_source(source: str, *, loop: bool) -> Iterator[NDArray[np.uint8]]:
    """
    Return the frames of a source, uint8 RGB [height, width, 3].

    An image is repeated forever; only a video without `loop` ends. Raises ImageError if the source
    cannot be opened, and during iteration if no frame can be read from a webcam or a video.
    """
    if source.isdecimal():
        return _webcam(_open(int(source), f'webcam {source}'), source)
    path = Path(source).expanduser()
    if cv2.haveImageReader(str(path)):
        return itertools.repeat(read_image(path))
    return _video(_open(str(path), str(path)), path, loop=loop)


def _open(device: int | str, name: str) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(device)
    if not capture.isOpened():
        raise ImageError(f'cannot open {name}: it does not exist, or is not an image or a video')
    return capture


def _webcam(capture: cv2.VideoCapture, number: str) -> Iterator[NDArray[np.uint8]]:
    yield from _frames(capture)
    raise ImageError(f'webcam {number} stopped sending images: was it unplugged?')


def _video(capture: cv2.VideoCapture, path: Path, *, loop: bool) -> Iterator[NDArray[np.uint8]]:
    has_frames = False
    for frame in _frames(capture):
        has_frames = True
        yield frame
    if not has_frames:
        raise ImageError(f'{path} is a video, but none of its frames can be read')
    while loop:
        yield from _frames(_open(str(path), str(path)))


def _frames(capture: cv2.VideoCapture) -> Iterator[NDArray[np.uint8]]:
    while True:
        read, frame = capture.read()
        if not read:
            return
        yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
