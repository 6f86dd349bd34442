"""The input of one camera: its images and its calibration, while the node is active."""

import time

from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_images import ImageMessage, ReceivedImage
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer, ExpectedDepth
from posenet_ros.ros.rclpy_release import numbered
from posenet_ros.ros.threads.receiver import Receiver
from posenet_ros.ros.threads.waiting_messages import WaitingMessages
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
        camera.statistics.restart(time.monotonic())
        self._calibrations = WaitingMessages(
            node,
            CameraInfo,
            camera.topics.camera_info,
            IMAGE_QOS,
            events=camera.events.of_subscription(camera.topics.camera_info, images=False),
        )
        try:
            self._images = self._subscribe(camera.topics.image)
        except Exception:
            self._calibrations.close()
            raise

    def close(self) -> None:
        """
        Unsubscribe, and keep the newest calibration.

        If the receiver's thread has not ended in time, it may receive calibrations at this moment,
        too. Each message goes to one of the two, and the node ends the process in that case.
        """
        self._camera_info()
        self._node.destroy_subscription(self._images)
        self._calibrations.close()

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
            located = camera.outputs.positions_have_subscribers
            depth = self._expected_depth(message) if located else None
            info = self._camera_info() if located else camera.camera_info
            self._receiver.add(camera, ReceivedImage(message, info, now, depth))

    def _expected_depth(self, message: ImageMessage) -> ExpectedDepth | None:
        """Announce an image to the depth buffer."""
        return None if self._depth is None else self._depth.expect(nanoseconds_of(message.header))

    def _camera_info(self) -> CameraInfo | None:
        """Return the newest calibration."""
        for message in self._calibrations.receive():
            self._camera.camera_info = message
        return self._camera.camera_info

    def _subscribe(self, topic: Topic) -> Subscription:
        """Subscribe to the images."""
        with refusing_overrides(topic.resolved, 'subscription'):
            return self._node.create_subscription(
                CompressedImage if self._camera.topics.compressed else Image,
                topic.given,
                numbered(self._receive),
                **overridable(IMAGE_QOS),
                callback_group=self._receiver.callback_group,
                event_callbacks=self._camera.events.of_subscription(topic, images=True),
            )
