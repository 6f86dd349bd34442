"""Diagnostics of all cameras, once a second, and a word in the log when images stop."""

from collections.abc import Callable, Mapping, Sequence
import time

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

from posenet_ros.ros.camera import Camera
from posenet_ros.ros.camera_statistics import Snapshot
from posenet_ros.ros.diagnostics import SilenceWatch, to_status

# Seconds between two reports.
_PERIOD = 1.0
_TOPIC = '/diagnostics'


class Monitor:
    """Publishes /diagnostics as long as it runs, by a steady clock, whatever the ROS time is."""

    def __init__(
        self,
        node: Node,
        cameras: Sequence[Camera],
        facts: Callable[[Camera], Mapping[str, str]],
        *,
        timeout: float,
    ) -> None:
        """
        Start.

        `facts` tells what does not change from image to image; `timeout` is in seconds.
        """
        self._node = node
        self._cameras = cameras
        self._facts = facts
        self._timeout = timeout
        self._watches = [SilenceWatch(timeout) for _ in cameras]
        self._previous = [camera.statistics.snapshot(time.monotonic()) for camera in cameras]
        self._publisher = node.create_publisher(DiagnosticArray, _TOPIC, 10)
        self._timer = node.create_timer(
            _PERIOD, self._report, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    def stop(self) -> None:
        """Report no more."""
        self._node.destroy_timer(self._timer)
        self._node.destroy_publisher(self._publisher)

    def _report(self) -> None:
        report = DiagnosticArray()
        report.header.stamp = self._node.get_clock().now().to_msg()
        node_name = self._node.get_fully_qualified_name()
        for number, camera in enumerate(self._cameras):
            snapshot = camera.statistics.snapshot(time.monotonic())
            report.status.append(
                to_status(
                    f'{node_name}: {camera.name}',
                    camera.name,
                    snapshot,
                    self._previous[number],
                    self._facts(camera),
                    timeout=self._timeout,
                )
            )
            self._previous[number] = snapshot
            self._watch(camera, self._watches[number], snapshot)
        self._publisher.publish(report)

    def _watch(self, camera: Camera, watch: SilenceWatch, snapshot: Snapshot) -> None:
        news = watch.update(snapshot.silence)
        if news == 'silent':
            self._node.get_logger().warning(
                f'{camera.name}: no image for {snapshot.silence:.0f} s'
            )
        elif news == 'back':
            self._node.get_logger().info(f'{camera.name}: images are back')
