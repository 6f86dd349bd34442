"""The last images of a camera, received only while somebody needs them."""

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from posenet_ros.errors import ImageError
from posenet_ros.messages.compressed_images import compressed_to_rgb
from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.ros.conversions.images import to_rgb
from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.qos import DEPTH_QOS

# At 30 Hz, the poses of an image may arrive a third of a second after it.
_MAX_IMAGES = 10


class RecentImages:
    """Keeps the last images of a camera, to find the one to which poses belong."""

    def __init__(self, node: Node, topics: CameraTopics, *, max_pixels: int) -> None:
        """Refuse images with more than `max_pixels` pixels."""
        self._node = node
        self._topics = topics
        self._max_pixels = max_pixels
        self._subscription: Subscription | None = None
        self._images: deque[Any] = deque(maxlen=_MAX_IMAGES)

    def receive(self, wanted: bool) -> None:
        """Start or stop receiving images, as wanted."""
        if wanted and self._subscription is None:
            self._subscription = self._node.create_subscription(
                CompressedImage if self._topics.compressed else Image,
                self._topics.image.given,
                self._add,
                DEPTH_QOS,
            )
        elif not wanted and self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None
            self._images.clear()

    def _add(self, message: Any) -> None:
        self._images.append(message)

    def find(self, header: Header) -> NDArray[np.uint8] | None:
        """
        Return the image with the stamp of a header, uint8 RGB [height, width, 3].

        Returns None if it has not arrived, or cannot be converted; then a line is logged. Without
        a stamp, it is not known which image it is, so None is returned.
        """
        stamp = nanoseconds_of(header)
        if stamp <= 0:
            return None
        for message in reversed(self._images):
            if nanoseconds_of(message.header) == stamp:
                return self._convert(message)
        return None

    def _convert(self, message: Any) -> NDArray[np.uint8] | None:
        try:
            convert = compressed_to_rgb if self._topics.compressed else to_rgb
            return convert(message, max_pixels=self._max_pixels)
        except ImageError as error:
            # posenet_node refuses such an image, too, unless it allows more pixels.
            self._node.get_logger().warning(
                f'{self._topics.image.resolved}: image not cut out: {error}',
                throttle_duration_sec=5.0,
            )
            return None
