"""One camera of the node: its images in, its poses and annotated images out."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.input_transform import Size
from posenet_ros.poses import Pose
from posenet_ros.ros.image_conversion import to_image
from posenet_ros.ros.pose_conversion import to_pose_array
from posenet_ros.ros.topics import CameraTopics, IMAGE_QOS, POSES_QOS


class Camera:
    """The subscription and the publishers of one camera."""

    def __init__(
        self, node: Node, topics: CameraTopics, received: Callable[['Camera', Image], object]
    ) -> None:
        """Open the topics; `received` is called with every image, in the executor's thread."""
        self._poses = node.create_publisher(msg.PoseArray, topics.poses, POSES_QOS)
        self._annotated = node.create_publisher(Image, topics.image_annotated, IMAGE_QOS)

        def forward(message: Image) -> None:
            received(self, message)

        self._images = node.create_subscription(Image, topics.image, forward, IMAGE_QOS)

    @property
    def name(self) -> str:
        """Return the resolved name of the image topic."""
        name: str = self._images.topic_name
        return name

    @property
    def poses_topic(self) -> str:
        """Return the resolved name of the poses topic."""
        name: str = self._poses.topic_name
        return name

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
