"""The depth images of one camera, while the node is active."""

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.spatial.depth_buffer import DepthBuffer
from posenet_ros.ros.threads.waiting_messages import WaitingMessages
from posenet_ros.ros.topics.qos import DEPTH_QOS
from posenet_ros.ros.topics.topic import Topic


class DepthIntake:
    """Subscribes to the depth images of a camera, and receives them when they are needed."""

    def __init__(self, node: Node, camera: Camera, *, max_difference: float) -> None:
        """
        Subscribe. The camera must have a depth topic.

        `max_difference` is that between the stamps of an image and its depth image, in seconds.
        Raises SettingError if the QoS overrides of the topic are refused.
        """
        topic = camera.topics.depth
        assert isinstance(topic, Topic)
        self._camera = camera
        self._messages = WaitingMessages(
            node,
            CompressedImage if camera.topics.depth_compressed else Image,
            topic,
            DEPTH_QOS,
            events=camera.events.of_subscription(topic, images=False),
        )
        #: The depth images that have been received.
        self.buffer = DepthBuffer(max_difference, receive=self._receive)

    def keep_up(self) -> None:
        """
        Receive what has arrived, if somebody subscribes to positions.

        The middleware keeps depth images for a short time only, and the network may need longer
        for one image. Only for the thread that locates people.
        """
        if self._camera.outputs.positions_have_subscribers:
            self._receive()

    def close(self) -> None:
        """Unsubscribe."""
        self._messages.close()

    def _receive(self) -> None:
        """Add the depth images that have arrived to the buffer, without converting them."""
        for message in self._messages.receive():
            self.buffer.add(nanoseconds_of(message.header), message)
