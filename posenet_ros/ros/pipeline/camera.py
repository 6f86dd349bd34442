"""A camera: what all stages share about it."""

from dataclasses import dataclass, field, replace
import time

from rclpy.node import Node
from sensor_msgs.msg import CameraInfo

from posenet_ros.ros.pipeline.camera_outputs import CameraOutputs
from posenet_ros.ros.pipeline.camera_statistics import CameraStatistics
from posenet_ros.ros.pipeline.snapshot import Snapshot
from posenet_ros.ros.pipeline.spatial.depth_buffer import Miss
from posenet_ros.ros.pipeline.spatial.depth_statistics import DepthStatistics
from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.qos_events import QosEvents

# Minimum time in seconds between two warnings about one camera.
_WARNING_PERIOD = 5.0


@dataclass(eq=False)
class Camera:
    """
    A camera's topics, its publishers, and its statistics.

    It exists from the transition configure to cleanup. Its subscriptions, in `CameraIntake`, exist
    only while the node is active.
    """

    topics: CameraTopics
    outputs: CameraOutputs
    statistics: CameraStatistics
    events: QosEvents
    #: The last calibration that was received; it stays when the node is deactivated.
    camera_info: CameraInfo | None = field(default=None, init=False)
    _last_warning: float = field(default=-_WARNING_PERIOD, init=False)

    #: Why somebody in the last image was not located on the ground; empty if everybody was, or if
    #: the ground is not used.
    ground_fault: str = field(default='', init=False)
    _depth_statistics: DepthStatistics = field(default_factory=DepthStatistics, init=False)

    @property
    def name(self) -> str:
        """Return the full name of the image topic, which identifies the camera in messages."""
        return self.topics.image.resolved

    def count_depth(self, miss: Miss | None) -> None:
        """Count an image with depth, or without and why."""
        self._depth_statistics.count(miss)

    def snapshot(self, now: float) -> Snapshot:
        """Return the statistics at `now`, a time of time.monotonic()."""
        depth = self._depth_statistics.counts() if self.topics.depth else None
        return replace(self.statistics.snapshot(now), depth=depth, ground_fault=self.ground_fault)

    def warn(self, node: Node, message: str) -> bool:
        """
        Log a warning about this camera, unless there was one in the last five seconds.

        Returns whether it was logged.
        """
        now = time.monotonic()
        if now - self._last_warning < _WARNING_PERIOD:
            return False
        self._last_warning = now
        node.get_logger().warning(f'{self.name}: {message}')
        return True


def open_camera(node: Node, topics: CameraTopics) -> Camera:
    """
    Open the publishers of a camera.

    Raises SettingError if the QoS overrides of a topic are refused, or if tf2_msgs is missing.
    """
    statistics = CameraStatistics(time.monotonic())
    events = QosEvents(node, statistics.lost)
    return Camera(topics, CameraOutputs(node, topics, events), statistics, events)
