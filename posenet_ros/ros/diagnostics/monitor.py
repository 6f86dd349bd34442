"""Reports of the node and its cameras on /diagnostics, and log lines about silent cameras."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
import os
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile

from posenet_ros.estimation.pose_network import PoseNetwork
from posenet_ros.ros.diagnostics.camera_report import CameraReport
from posenet_ros.ros.diagnostics.camera_status import network_facts, to_status
from posenet_ros.ros.diagnostics.node_status import NodeState, to_node_status
from posenet_ros.ros.diagnostics.publisher_conflict import (
    PublisherConflict,
    publishing_nodes,
    several_publishers,
)
from posenet_ros.ros.diagnostics.silence import silence_cause, SilenceWatch
from posenet_ros.ros.diagnostics.simulated_time import missing_clock
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.pipeline.snapshot import Snapshot
from posenet_ros.ros.threads.activity import Activity
from posenet_ros.ros.topics.middleware import is_fast_dds
from posenet_ros.ros.topics.qos import overridable, refusing_overrides
from posenet_ros.shared_memory import find_shortage

_TOPIC = '/diagnostics'
_QOS = QoSProfile(depth=10)


@dataclass
class _Watched:
    """A camera that is being watched."""

    camera: Camera
    previous: Snapshot
    silence: SilenceWatch = field(default_factory=SilenceWatch)
    conflict: PublisherConflict = field(default_factory=PublisherConflict)


class Monitor:
    """Publishes a report whenever `report` is called."""

    def __init__(self, node: Node, *, timeout: float) -> None:
        """
        Open the publisher, and log a warning if the middleware has too little shared memory.

        A camera is reported as silent after `timeout` seconds without an image. Raises
        SettingError if the QoS overrides of the topic are refused.
        """
        self._node = node
        self._timeout = timeout
        self._watched: list[_Watched] = []
        self._activity: Callable[[float], Activity] = lambda now: Activity()
        self._publisher = _publisher(node)
        self._shortage = _find_shortage(node)

    def watch(self, cameras: Sequence[Camera], activity: Callable[[float], Activity]) -> None:
        """Report these cameras, too; `activity` returns what the receiving thread is doing."""
        now = time.monotonic()
        self._activity = activity
        self._watched = [_Watched(camera, camera.snapshot(now)) for camera in cameras]

    def release(self) -> None:
        """Stop reporting cameras."""
        self._watched = []
        self._activity = lambda now: Activity()

    def report(self, state: NodeState, network: PoseNetwork[Any] | None) -> None:
        """Publish the status of the node, and of each camera that `network` serves."""
        report = DiagnosticArray()
        report.header.stamp = self._node.get_clock().now().to_msg()
        name = self._node.get_fully_qualified_name()
        state = replace(state, shortage=self._shortage, missing_clock=missing_clock(self._node))
        report.status.append(to_node_status(name, state))
        facts = {} if network is None else network_facts(network)
        for watched in self._watched:
            report.status.append(self._camera_status(watched, name, facts))
        self._publisher.publish(report)

    def _camera_status(
        self, watched: _Watched, node_name: str, facts: Mapping[str, str]
    ) -> DiagnosticStatus:
        """Return the status of a camera; log when its images stop, and other new problems."""
        camera, report = watched.camera, self._report_on(watched)
        watched.previous = report.snapshot
        change = watched.silence.update(silent=report.is_silent)
        if change == 'silent':
            self._node.get_logger().warning(
                f'{camera.name}: no image for {report.silence:.3g} s: {report.silence_cause}'
            )
        elif change == 'back':
            self._node.get_logger().info(f'{camera.name}: images are back')
        return to_status(f'{node_name}: {camera.name}', camera.name, report, facts)

    def _report_on(self, watched: _Watched) -> CameraReport:
        camera, now = watched.camera, time.monotonic()
        if watched.conflict.update(now, publishing_nodes(self._node, camera.topics.image)):
            problem = several_publishers(watched.conflict.nodes)
            self._node.get_logger().warning(f'{camera.name}: {problem}')
        report = CameraReport(
            snapshot=camera.snapshot(now),
            previous=watched.previous,
            timeout=self._timeout,
            incompatible_peers=camera.events.incompatible_peers(),
            publishers=watched.conflict.nodes,
            activity=self._activity(now),
        )
        if report.is_silent:
            loses_images = report.since_previous('lost') > 0
            cause = silence_cause(self._node, camera.topics, loses_images=loses_images)
            report = replace(report, silence_cause=cause)
        return report


def _publisher(node: Node) -> Publisher:
    with refusing_overrides(node.resolve_topic_name(_TOPIC), 'publisher'):
        return node.create_publisher(DiagnosticArray, _TOPIC, **overridable(_QOS))


def _find_shortage(node: Node) -> str | None:
    """Return why images will get lost for lack of shared memory, and log it; else None."""
    if not is_fast_dds():
        return None
    shortage = find_shortage(os.environ)
    if shortage:
        node.get_logger().warning(shortage)
    return shortage
