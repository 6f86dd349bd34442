"""
A feeder (`programs.feeder`) of images with depth.

    depth_feeder.py WIDTHxHEIGHT PEOPLE TOPIC...

Before each image, it publishes its calibration and its depth image with the same stamp, to
`camera_info` and `depth` in the namespace of the image topic.
"""

import sys

import numpy as np
from numpy.typing import NDArray
from programs.feeder import Feeder, main
from sensor_msgs.msg import CameraInfo, Image

from posenet_ros.ros.topics.qos import IMAGE_QOS

# Everything is as far away, in millimetres.
_DISTANCE = 2000


class DepthFeeder(Feeder):
    """Publishes the same image, depth image and calibration repeatedly to some topics."""

    def __init__(self, pixels: NDArray[np.uint8], topics: list[str]) -> None:
        """Create the publishers of an image, uint8 RGB [height, width, 3], and of its depth."""
        super().__init__(pixels, topics)
        height, width = pixels.shape[:2]
        header = self.message.header
        depth = Image(header=header, height=height, width=width, encoding='16UC1', step=2 * width)
        depth.data.frombytes(np.full((height, width), _DISTANCE, np.uint16).tobytes())
        matrix = [width, 0, (width - 1) / 2, 0, width, (height - 1) / 2, 0, 0, 1]
        info = CameraInfo(
            header=header, height=height, width=width, k=[float(one) for one in matrix]
        )
        self._beside = {
            topic: [
                (self.create_publisher(type(message), f'{namespace}/{name}', IMAGE_QOS), message)
                for name, message in (('camera_info', info), ('depth', depth))
            ]
            for topic in topics
            for namespace in [topic.rpartition('/')[0]]
        }

    def publish(self, topic: str) -> None:
        """Publish the calibration and the depth image, and then the image."""
        for publisher, message in self._beside[topic]:
            publisher.publish(message)
        super().publish(topic)


if __name__ == '__main__':
    main(*sys.argv[1:], make=DepthFeeder)
