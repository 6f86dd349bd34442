"""One body: its topics, which exist as long as the person is tracked."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import Image

from posenet_ros.msg import Pose, PoseArray
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.hri.hri_packages import hri, HRI_QOS
from posenet_ros.ros.hri.normalized_bodies import region_of, skeleton_of


class Body:
    """The publishers in /humans/bodies/<id>."""

    def __init__(self, node: Node, name: str) -> None:
        """Open the publishers of the body with this id."""
        self._node = node
        namespace = f'/humans/bodies/{name}'
        self._region = self._open(hri.NormalizedRegionOfInterest2D, f'{namespace}/roi')
        self._skeleton = self._open(hri.Skeleton2D, f'{namespace}/skeleton2d')
        self._cropped = self._open(Image, f'{namespace}/cropped')

    def close(self) -> None:
        """Close the publishers, so that the topics vanish."""
        for publisher in (self._region, self._skeleton, self._cropped):
            self._node.destroy_publisher(publisher)

    @property
    def cropped_has_subscribers(self) -> bool:
        """Whether anybody subscribes to the part of the image with the person."""
        return bool(self._cropped.get_subscription_count())

    def publish(self, pose: Pose, image: PoseArray) -> None:
        """Publish the box, if it is known, and the skeleton of the person in an image."""
        region = region_of(pose, image)
        if region is not None:
            self._region.publish(
                hri.NormalizedRegionOfInterest2D(header=image.header, **vars(region))
            )
        points = [
            hri.NormalizedPointOfInterest2D(**vars(point)) for point in skeleton_of(pose, image)
        ]
        self._skeleton.publish(hri.Skeleton2D(header=image.header, skeleton=points))

    def publish_cropped(self, pose: Pose, image: PoseArray, pixels: NDArray[np.uint8]) -> None:
        """Publish what an image, uint8 RGB [height, width, 3], shows in the box, if known."""
        if region_of(pose, image) is None:
            return
        rows = slice(int(pose.y_min), int(pose.y_max) + 1)
        columns = slice(int(pose.x_min), int(pose.x_max) + 1)
        part = np.ascontiguousarray(pixels[rows, columns])
        self._cropped.publish(to_image(part, image.header))

    def _open(self, message_type: Any, topic: str) -> Publisher:
        return self._node.create_publisher(message_type, topic, HRI_QOS)
