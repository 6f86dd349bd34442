"""One camera of the node: its images in, and all that is published of them out."""

from collections.abc import Callable, Mapping, Sequence
import time
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

from posenet_ros import msg
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.ros.conversions.compressed_images import compressed_to_rgb, to_compressed
from posenet_ros.ros.conversions.images import to_image, to_rgb
from posenet_ros.ros.conversions.markers import to_markers
from posenet_ros.ros.conversions.plane_projection import projection_of
from posenet_ros.ros.conversions.pose_arrays import to_pose_array
from posenet_ros.ros.pipeline.camera_statistics import CameraStatistics
from posenet_ros.ros.pipeline.sequence_numbers import SequenceNumbers
from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.qos import IMAGE_QOS, overridable, POSES_QOS, refusing_overrides
from posenet_ros.ros.topics.qos_events import IncompatiblePeers, QosEvents

# Seconds between two warnings about a camera.
_THROTTLE = 5.0

ImageMessage: TypeAlias = 'Image | CompressedImage'


class Camera:
    """The publishers of one camera and, between `start` and `stop`, its subscriptions."""

    def __init__(self, node: Node, topics: CameraTopics) -> None:
        """Open the outputs; `topics` as they were named, not resolved."""
        self._node = node
        self._topics = topics = topics.resolved(node)
        self.name = topics.image
        self.poses_topic = topics.poses
        self.statistics = CameraStatistics(time.monotonic())
        #: (height, width) of the last image that was answered, in pixels.
        self.image_size: Size | None = None
        self._events = QosEvents(node, self.statistics.lost)
        self._poses = self._publisher(msg.PoseArray, topics.poses, POSES_QOS)
        self._markers = self._publisher(MarkerArray, topics.pose_markers, POSES_QOS)
        self._annotated = self._publisher(Image, topics.image_annotated, IMAGE_QOS)
        self._compressed = self._publisher(
            CompressedImage, topics.image_annotated_compressed, IMAGE_QOS
        )
        self._subscriptions: list[Subscription] = []
        self._last_complaint = -_THROTTLE
        self._camera_info: CameraInfo | None = None

    def start(
        self,
        group: CallbackGroup,
        received: Callable[['Camera', ImageMessage, int | None], object],
    ) -> None:
        """
        Take images, by callbacks in `group`.

        `received` is called with each image, and with how many were published since the one
        before that were not taken: newer ones replaced them, or they got lost; None: not known.
        """
        numbers = SequenceNumbers(lambda: self._node.count_publishers(self.name))

        def forward(message: ImageMessage, info: Mapping[str, int | None]) -> None:
            received(self, message, numbers.missed(info['publication_sequence_number']))

        self.statistics.restart(time.monotonic())
        self._subscriptions.append(
            self._subscription(self._image_type, self._topics.image, forward, images=group)
        )
        self._subscriptions.append(
            self._subscription(CameraInfo, self._topics.camera_info, self._keep_camera_info)
        )

    def stop(self) -> None:
        """Take no more images."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def close(self) -> None:
        """Close the outputs."""
        self.stop()
        for publisher in (self._poses, self._markers, self._annotated, self._compressed):
            self._node.destroy_publisher(publisher)

    @property
    def is_wanted(self) -> bool:
        """Tell whether anybody subscribes to any of the outputs."""
        return _has_subscribers(self._poses) or self.markers_are_wanted or self.annotated_is_wanted

    @property
    def markers_are_wanted(self) -> bool:
        """Tell whether anybody subscribes to the markers."""
        return _has_subscribers(self._markers)

    @property
    def annotated_is_wanted(self) -> bool:
        """Tell whether anybody subscribes to the annotated image, raw or compressed."""
        return _has_subscribers(self._annotated, self._compressed)

    def mismatches(self) -> tuple[IncompatiblePeers, ...]:
        """Return the peers on this camera's topics that get or send nothing."""
        return self._events.incompatible_peers()

    def silence_cause(self) -> str:
        """Return why no image comes, as far as the ROS graph tells."""
        publishers = self._node.get_publishers_info_by_topic(self.name)
        if not publishers:
            return 'nobody publishes this topic: is its name right?'
        package, kind = self._image_type.__module__.partition('.')[0], self._image_type.__name__
        wanted = f'{package}/msg/{kind}'
        other = {one.topic_type for one in publishers} - {wanted}
        if other:
            return (
                f'it is published as {", ".join(sorted(other))} and taken as {wanted}: '
                'see the parameter image_transport'
            )
        return 'its publisher is there: is the camera running?'

    def complain(self, message: str) -> None:
        """Log a warning about this camera, unless there was one within the last seconds."""
        now = time.monotonic()
        if now - self._last_complaint >= _THROTTLE:
            self._last_complaint = now
            self._node.get_logger().warning(f'{self.name}: {message}')

    def read(self, message: ImageMessage) -> NDArray[np.uint8]:
        """Return the pixels of one of the camera's images; raises ImageError."""
        return compressed_to_rgb(message) if self._topics.compressed else to_rgb(message)

    def publish_poses(self, poses: Sequence[Pose], header: Header, image_size: Size) -> None:
        """Publish the poses in an image of (height, width), with the image's header."""
        self.image_size = image_size
        self._poses.publish(to_pose_array(poses, header, image_size))

    def publish_markers(
        self,
        poses: Sequence[Pose],
        header: Header,
        image_size: Size,
        *,
        distance: float,
        drawing: DrawingSettings,
    ) -> None:
        """Publish poses in an image of (height, width) as markers, while someone subscribes."""
        if self.markers_are_wanted:
            projection = projection_of(
                image_size,
                distance=distance,
                camera_info=self._camera_info,
                rectified=self._topics.rectified,
            )
            markers = to_markers(poses, header, projection=projection, settings=drawing)
            self._markers.publish(markers)

    def publish_annotated(
        self, image: NDArray[np.uint8], header: Header, *, jpeg_quality: int
    ) -> None:
        """Publish an annotated image, uint8 RGB [height, width, 3], in the wanted forms."""
        if _has_subscribers(self._annotated):
            self._annotated.publish(to_image(image, header))
        if _has_subscribers(self._compressed):
            self._compressed.publish(to_compressed(image, header, quality=jpeg_quality))

    @property
    def _image_type(self) -> Any:
        return CompressedImage if self._topics.compressed else Image

    def _keep_camera_info(self, message: CameraInfo) -> None:
        self._camera_info = message

    def _publisher(self, kind: Any, topic: str, qos: QoSProfile) -> Publisher:
        with refusing_overrides(topic, 'publisher'):
            return self._node.create_publisher(
                kind,
                topic,
                **overridable(qos),
                event_callbacks=self._events.of_publisher(topic),
            )

    def _subscription(
        self,
        kind: Any,
        topic: str,
        callback: Callable[..., None],
        *,
        images: CallbackGroup | None = None,
    ) -> Subscription:
        """Subscribe to a topic; `images` is the callback group where it is that of the images."""
        with refusing_overrides(topic, 'subscription'):
            return self._node.create_subscription(
                kind,
                topic,
                callback,
                **overridable(IMAGE_QOS),
                callback_group=images,
                event_callbacks=self._events.of_subscription(topic, images=images is not None),
            )


def _has_subscribers(*publishers: Publisher) -> bool:
    return any(publisher.get_subscription_count() for publisher in publishers)
