"""The depth images of one camera, while the node is active."""

from collections.abc import Sequence

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.ros.conversions.depth_images import DepthMessage
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer
from posenet_ros.ros.threads.receiver import Receiver
from posenet_ros.ros.topics.qos import DEPTH_QOS, overridable, refusing_overrides
from posenet_ros.ros.topics.topic import Topic


class DepthIntake:
    """Subscribes to the depth images of a camera, and adds them to a receiver's batch."""

    def __init__(
        self,
        node: Node,
        camera: Camera,
        receiver: Receiver[DepthBuffer, DepthMessage],
        *,
        max_difference: float,
    ) -> None:
        """
        Subscribe; callbacks run in the receiver's thread. The camera must have a depth topic.

        `max_difference` is that between the stamps of an image and its depth image, in seconds.
        Raises SettingError if the QoS overrides of the topic are refused.
        """
        topic = camera.topics.depth
        assert isinstance(topic, Topic)
        self._node = node
        self._receiver = receiver
        #: The depth images that have arrived.
        self.buffer = DepthBuffer(max_difference)
        with refusing_overrides(topic.resolved, 'subscription'):
            self._subscription = node.create_subscription(
                CompressedImage if camera.topics.depth_compressed else Image,
                topic.given,
                self._receive,
                **overridable(DEPTH_QOS),
                callback_group=receiver.callback_group,
                event_callbacks=camera.events.of_subscription(topic, images=False),
            )

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def _receive(self, message: DepthMessage) -> None:
        self._receiver.add(self.buffer, message)


def buffer_depth(batch: Sequence[tuple[DepthBuffer, DepthMessage]]) -> None:
    """Add each depth image to its buffer; it is not converted before an image needs it."""
    for buffer, message in batch:
        buffer.add(nanoseconds_of(message.header), message)
