"""The input of one camera: its images and its calibration, while the node is active."""

from collections.abc import Callable
import time
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ImageMessage, ReceivedImage
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer, ExpectedDepth
from posenet_ros.ros.rclpy_release import numbered
from posenet_ros.ros.threads.receiver import Receiver
from posenet_ros.ros.topics.qos import IMAGE_QOS, overridable, refusing_overrides
from posenet_ros.ros.topics.sequence_numbers import SequenceNumbers
from posenet_ros.ros.topics.topic import Topic


class CameraIntake:
    """Subscribes to the images of a camera, and adds those to process to a receiver's batch."""

    def __init__(
        self,
        node: Node,
        camera: Camera,
        receiver: Receiver[Camera, ReceivedImage],
        *,
        lazy: bool,
        depth: DepthBuffer | None = None,
    ) -> None:
        """
        Subscribe; callbacks for images run in the receiver's thread.

        With `lazy`, images are only counted while nobody subscribes to any output. `depth` has the
        camera's depth images. Raises SettingError if the QoS overrides of a topic are refused.
        """
        self._node = node
        self._camera = camera
        self._receiver = receiver
        self._lazy = lazy
        self._depth = depth
        self._numbers = SequenceNumbers(lambda: camera.topics.image.count_publishers(node))
        self._subscriptions: list[Subscription] = []
        camera.statistics.restart(time.monotonic())
        image_type = CompressedImage if camera.topics.compressed else Image
        group = receiver.callback_group
        try:
            self._subscribe(image_type, camera.topics.image, numbered(self._receive), images=group)
            self._subscribe(CameraInfo, camera.topics.camera_info, self._keep_camera_info)
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        """Unsubscribe."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def _receive(self, message: ImageMessage, number: int | None) -> None:
        """Count an image, and add it to the receiver's batch if it should be processed."""
        camera = self._camera
        wanted = camera.outputs.has_subscribers or not self._lazy
        now = time.monotonic()
        camera.statistics.received(
            now,
            missed=self._numbers.missed(number),
            numbered=number is not None,
            wanted=wanted,
        )
        if wanted:
            image = ReceivedImage(message, camera.camera_info, now, self._expected_depth(message))
            self._receiver.add(camera, image)

    def _expected_depth(self, message: ImageMessage) -> ExpectedDepth | None:
        """Announce an image to the depth buffer, unless nobody wants to know where people are."""
        if self._depth is None or not self._camera.outputs.positions_have_subscribers:
            return None
        return self._depth.expect(nanoseconds_of(message.header))

    def _keep_camera_info(self, message: CameraInfo) -> None:
        self._camera.camera_info = message

    def _subscribe(
        self,
        message_type: Any,
        topic: Topic,
        callback: Callable[..., None],
        *,
        images: CallbackGroup | None = None,
    ) -> None:
        """Subscribe to a topic; `images` is the callback group if this is the image topic."""
        with refusing_overrides(topic.resolved, 'subscription'):
            subscription = self._node.create_subscription(
                message_type,
                topic.given,
                callback,
                **overridable(IMAGE_QOS),
                callback_group=images,
                event_callbacks=self._camera.events.of_subscription(
                    topic, images=images is not None
                ),
            )
        self._subscriptions.append(subscription)
