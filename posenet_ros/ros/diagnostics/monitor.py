"""Diagnostics of the node and its cameras, once a second, and a word in the log on silence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
import time

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile

from posenet_ros.ros.diagnostics.camera_status import (
    Observation,
    SilenceWatch,
    to_node_status,
    to_status,
)
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.camera_statistics import Snapshot
from posenet_ros.ros.threads.receiver import Attention
from posenet_ros.ros.topics.qos import overridable, refusing_overrides

# Seconds between two reports.
_PERIOD = 1.0
_TOPIC = '/diagnostics'
_QOS = QoSProfile(depth=10)


@dataclass
class _Watched:
    """A camera between `watch` and `release`."""

    camera: Camera
    silence: SilenceWatch
    previous: Snapshot
    attention: Callable[[float], Attention]


class Monitor:
    """Publishes /diagnostics as long as it lives, by a steady clock, whatever the ROS time is."""

    def __init__(
        self,
        node: Node,
        state: Callable[[], tuple[str, str | None, str | None]],
        facts: Callable[[Camera], Mapping[str, str]],
        *,
        timeout: float,
    ) -> None:
        """
        Start.

        `state` tells the node's lifecycle state, the failure of its last transition, and the last
        notice of an execution provider that failed; `facts` what does not change from image to
        image; `timeout` is in seconds. Raises SettingError when the topic's quality of service is
        overridden with one that does not exist.
        """
        self._node = node
        self._state = state
        self._facts = facts
        self._timeout = timeout
        self._watched: list[_Watched] = []
        self._publisher = _publisher(node)
        node.create_timer(_PERIOD, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def watch(self, cameras: Sequence[Camera], attention: Callable[[float], Attention]) -> None:
        """Report cameras from now on; `attention` is that of who takes their images."""
        now = time.monotonic()
        self._watched = [
            _Watched(camera, SilenceWatch(), camera.statistics.snapshot(now), attention)
            for camera in cameras
        ]

    def release(self) -> None:
        """Report cameras no more."""
        self._watched = []

    def _report(self) -> None:
        report = DiagnosticArray()
        report.header.stamp = self._node.get_clock().now().to_msg()
        name = self._node.get_fully_qualified_name()
        report.status.append(to_node_status(name, *self._state()))
        report.status.extend(self._observe(watched, name) for watched in self._watched)
        self._publisher.publish(report)

    def _observe(self, watched: _Watched, node_name: str) -> DiagnosticStatus:
        """Return the status of a camera, and log when its images stop or come back."""
        camera = watched.camera
        now = time.monotonic()
        observation = Observation(
            snapshot=camera.statistics.snapshot(now),
            previous=watched.previous,
            timeout=self._timeout,
            mismatches=camera.mismatches(),
            attention=watched.attention(now),
        )
        if observation.is_silent:
            observation = replace(observation, silence_cause=camera.silence_cause())
        watched.previous = observation.snapshot
        news = watched.silence.update(silent=observation.is_silent)
        if news == 'silent':
            self._node.get_logger().warning(
                f'{camera.name}: no image for {observation.silence:.0f} s: '
                f'{observation.silence_cause}'
            )
        elif news == 'back':
            self._node.get_logger().info(f'{camera.name}: images are back')
        return to_status(
            f'{node_name}: {camera.name}', camera.name, observation, self._facts(camera)
        )


def _publisher(node: Node) -> Publisher:
    with refusing_overrides(_TOPIC, 'publisher'):
        return node.create_publisher(DiagnosticArray, _TOPIC, **overridable(_QOS))
