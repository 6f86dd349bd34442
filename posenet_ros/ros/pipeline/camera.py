"""What all stages share about one camera."""

from dataclasses import dataclass, field
import time

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo

from posenet_ros.ros.pipeline.camera_outputs import CameraOutputs
from posenet_ros.ros.pipeline.camera_statistics import CameraStatistics
from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.qos_events import QosEvents

# Seconds between two warnings about one camera.
_WARNING_PERIOD = 5.0


@dataclass(eq=False)
class Camera:
    """
    A camera's topics, its publishers, and its statistics.

    It exists from configuring to cleaning up. Its subscriptions exist only while the node is
    active, in `CameraIntake`.
    """

    #: As ROS sees them: in the node's namespace, and remapped.
    topics: CameraTopics
    outputs: CameraOutputs
    statistics: CameraStatistics
    events: QosEvents
    #: The last calibration that was received; it stays when the node is deactivated.
    camera_info: CameraInfo | None = field(default=None, init=False)
    _last_warning: float = field(default=-_WARNING_PERIOD, init=False)

    @property
    def name(self) -> str:
        """Return the name of the image topic, by which messages call the camera."""
        return self.topics.image

    def warn(self, node: Node, message: str) -> None:
        """Log a warning about this camera, unless there was one in the last seconds."""
        now = time.monotonic()
        if now - self._last_warning >= _WARNING_PERIOD:
            self._last_warning = now
            node.get_logger().warning(f'{self.name}: {message}')


def open_camera(node: Node, topics: CameraTopics) -> Camera:
    """
    Open the publishers of a camera, whose `topics` are not resolved yet.

    Raises SettingError when an overridden quality of service is refused.
    """
    resolved = topics.resolved(node)
    statistics = CameraStatistics(time.monotonic())
    events = QosEvents(node, statistics.lost)
    return Camera(resolved, CameraOutputs(node, resolved, events), statistics, events)
