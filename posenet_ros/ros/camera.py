"""One camera of the node: its images in, its poses and annotated images out."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.input_transform import Size
from posenet_ros.poses import Pose
from posenet_ros.ros.image_conversion import to_image
from posenet_ros.ros.pose_conversion import to_pose_array
from posenet_ros.ros.topics import CameraTopics, IMAGE_QOS, POSES_QOS


class Camera:
    """The publishers of one camera and, between `start` and `stop`, its subscription."""

    def __init__(self, node: Node, topics: CameraTopics) -> None:
        """Open the outputs; `topics` as they were named, not resolved."""
        self._node = node
        self._topics = topics
        self.name = topics.resolved(node).image
        overridable = QoSOverridingOptions.with_default_policies()
        self._poses = node.create_publisher(
            msg.PoseArray, topics.poses, POSES_QOS, qos_overriding_options=overridable
        )
        self._annotated = node.create_publisher(
            Image, topics.image_annotated, IMAGE_QOS, qos_overriding_options=overridable
        )
        self._images: Subscription | None = None

    def start(self, received: Callable[['Camera', Image], object]) -> None:
        """Take images: `received` is called with each, in the executor's thread."""

        def forward(message: Image) -> None:
            received(self, message)

        self._images = self._node.create_subscription(
            Image,
            self._topics.image,
            forward,
            IMAGE_QOS,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def stop(self) -> None:
        """Take no more images."""
        if self._images is not None:
            self._node.destroy_subscription(self._images)
            self._images = None

    def close(self) -> None:
        """Close the outputs."""
        self.stop()
        self._node.destroy_publisher(self._poses)
        self._node.destroy_publisher(self._annotated)

    @property
    def poses_topic(self) -> str:
        """Return the resolved name of the poses topic."""
        name: str = self._poses.topic_name
        return name

    @property
    def is_wanted(self) -> bool:
        """Tell whether anybody subscribes to any of the outputs."""
        return self.annotated_is_wanted or bool(self._poses.get_subscription_count())

    @property
    def annotated_is_wanted(self) -> bool:
        """Tell whether anybody subscribes to the annotated image."""
        return bool(self._annotated.get_subscription_count())

    def publish_poses(self, poses: Sequence[Pose], header: Header, image_size: Size) -> None:
        """Publish the poses in an image of (height, width), with the image's header."""
        self._poses.publish(to_pose_array(poses, header, image_size))

    def publish_annotated(self, image: NDArray[np.uint8], header: Header) -> None:
        """Publish an annotated image, uint8 RGB [height, width, 3], with the image's header."""
        self._annotated.publish(to_image(image, header))
