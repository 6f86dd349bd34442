"""The outputs of one camera: poses, markers, annotated images, annotations for Foxglove."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from posenet_ros import msg
from posenet_ros.ros.conversions.annotation_messages import ANNOTATIONS_TYPE
from posenet_ros.ros.conversions.images import to_image
from posenet_ros.ros.conversions.jpeg_messages import to_compressed
from posenet_ros.ros.conversions.person_transforms import transform_message_type
from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.qos import (
    ANNOTATED_IMAGE_QOS,
    overridable,
    POSES_QOS,
    refusing_overrides,
    TF_QOS,
)
from posenet_ros.ros.topics.qos_events import QosEvents
from posenet_ros.ros.topics.topic import Topic


class CameraOutputs:
    """The publishers of one camera, open from the transition configure to cleanup."""

    def __init__(self, node: Node, topics: CameraTopics, events: QosEvents) -> None:
        """
        Open the publishers.

        Raises SettingError if the QoS overrides of a topic are refused, or if the frames of people
        need tf2_msgs, which is not installed.
        """
        self._node = node
        self._events = events
        self._publishers: list[Publisher] = []
        self._own_tf_subscribers = int(topics.tf_is_received)
        try:
            self._poses = self._open(msg.PoseArray, topics.poses, POSES_QOS)
            self._smoothed = self._open(msg.PoseArray, topics.poses_smoothed, POSES_QOS)
            self._poses_3d = (
                self._open(msg.Pose3DArray, topics.poses_3d, POSES_QOS)
                if topics.poses_3d
                else None
            )
            self._tf = (
                self._open(transform_message_type(), topics.tf, TF_QOS) if topics.tf else None
            )
            self._markers = self._open(MarkerArray, topics.pose_markers, POSES_QOS)
            self._annotated = self._open(Image, topics.image_annotated, ANNOTATED_IMAGE_QOS)
            self._compressed = self._open(
                CompressedImage, topics.image_annotated_compressed, ANNOTATED_IMAGE_QOS
            )
            self._annotations = (
                self._open(ANNOTATIONS_TYPE, topics.annotations, POSES_QOS)
                if ANNOTATIONS_TYPE
                else None
            )
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Close the publishers."""
        for publisher in self._publishers:
            self._node.destroy_publisher(publisher)
        self._publishers = []

    @property
    def has_subscribers(self) -> bool:
        """Whether anybody subscribes to any output."""
        return (
            _has_subscribers(self._poses)
            or self.smoothed_poses_have_subscribers
            or self.positions_have_subscribers
            or self.annotated_image_has_subscribers
            or self.annotations_have_subscribers
        )

    @property
    def smoothed_poses_have_subscribers(self) -> bool:
        """Whether anybody subscribes to the smoothed poses."""
        return _has_subscribers(self._smoothed)

    @property
    def poses_3d_have_subscribers(self) -> bool:
        """Whether anybody subscribes to the poses in metres."""
        return self._poses_3d is not None and _has_subscribers(self._poses_3d)

    @property
    def transforms_have_subscribers(self) -> bool:
        """Whether the frames of people are published, and another node subscribes to /tf."""
        if self._tf is None:
            return False
        return self._tf.get_subscription_count() > self._own_tf_subscribers

    @property
    def positions_have_subscribers(self) -> bool:
        """Whether anybody subscribes to an output that shows where people are in metres."""
        return (
            self.poses_3d_have_subscribers
            or self.transforms_have_subscribers
            or self.markers_have_subscribers
        )

    @property
    def markers_have_subscribers(self) -> bool:
        """Whether anybody subscribes to the markers."""
        return _has_subscribers(self._markers)

    @property
    def annotated_image_has_subscribers(self) -> bool:
        """Whether anybody subscribes to the annotated image, raw or compressed."""
        return _has_subscribers(self._annotated) or _has_subscribers(self._compressed)

    @property
    def annotations_have_subscribers(self) -> bool:
        """Whether there are annotations for Foxglove, and anybody subscribes to them."""
        return self._annotations is not None and _has_subscribers(self._annotations)

    def publish_poses(self, message: msg.PoseArray) -> None:
        """Publish the poses in one image."""
        self._poses.publish(message)

    def publish_smoothed_poses(self, message: msg.PoseArray) -> None:
        """Publish the poses in one image with smoothed keypoints."""
        self._smoothed.publish(message)

    def publish_poses_3d(self, message: msg.Pose3DArray) -> None:
        """Publish the poses in one image in metres; only if `CameraTopics` has that topic."""
        assert self._poses_3d is not None
        self._poses_3d.publish(message)

    def publish_transforms(self, message: Any) -> None:
        """Publish the frames of the people in one image; only if `CameraTopics` has /tf."""
        assert self._tf is not None
        self._tf.publish(message)

    def publish_markers(self, message: MarkerArray) -> None:
        """Publish the markers for one image."""
        self._markers.publish(message)

    def publish_annotations(self, message: Any) -> None:
        """Publish a foxglove_msgs/ImageAnnotations; only if `annotations_have_subscribers`."""
        assert self._annotations is not None
        self._annotations.publish(message)

    def publish_annotated_image(
        self, pixels: NDArray[np.uint8], header: Header, *, jpeg_quality: int
    ) -> None:
        """Publish uint8 RGB [height, width, 3], raw and compressed, if subscribed to."""
        if _has_subscribers(self._annotated):
            self._annotated.publish(to_image(pixels, header))
        if _has_subscribers(self._compressed):
            self._compressed.publish(to_compressed(pixels, header, quality=jpeg_quality))

    def _open(self, message_type: Any, topic: Topic, qos: QoSProfile) -> Publisher:
        with refusing_overrides(topic.resolved, 'publisher'):
            publisher = self._node.create_publisher(
                message_type,
                topic.given,
                **overridable(qos),
                event_callbacks=self._events.of_publisher(topic),
            )
        self._publishers.append(publisher)
        return publisher


def _has_subscribers(publisher: Publisher) -> bool:
    return bool(publisher.get_subscription_count())
