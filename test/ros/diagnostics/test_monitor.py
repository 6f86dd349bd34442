from collections.abc import Iterator
import time

from diagnostic_msgs.msg import DiagnosticArray
from made_cameras import camera_in
import pytest
from rclpy.node import Node
from ros_graph import Graph

from posenet_ros.errors import SettingError
from posenet_ros.posenet.network import PoseNet
from posenet_ros.ros.diagnostics.monitor import Monitor
from posenet_ros.ros.diagnostics.node_status import NodeState
from posenet_ros.ros.pipeline.camera import Camera
from posenet_ros.ros.threads.activity import Activity

ACTIVE = NodeState(state='active')


class Reporter:
    """A monitor of a node with two cameras, and what it publishes."""

    def __init__(self, graph: Graph, network: PoseNet) -> None:
        self.graph = graph
        self.network = network
        self.cameras = [camera_in(graph, name) for name in ('front', 'rear')]
        self.monitor = Monitor(graph.node, timeout=60.0)
        self.reports: list[DiagnosticArray] = graph.collect(DiagnosticArray, '/diagnostics')
        graph.wait_until(lambda: graph.node.count_subscribers('/diagnostics'), 'the subscriber')

    def report(self) -> DiagnosticArray:
        count = len(self.reports)
        self.graph.wait_until(
            lambda: len(self.reports) > count,
            'a report',
            lambda: self.monitor.report(ACTIVE, self.network),
        )
        return self.reports[-1]


@pytest.fixture
def reporter(graph: Graph, network_075: PoseNet) -> Iterator[Reporter]:
    made = Reporter(graph, network_075)
    yield made
    for camera in made.cameras:
        camera.outputs.close()


def watch(reporter: Reporter, activity: Activity | None = None) -> list[Camera]:
    reporter.monitor.watch(reporter.cameras, lambda now: activity or Activity())
    return reporter.cameras


def test_a_report_has_the_node_and_then_each_watched_camera(reporter: Reporter) -> None:
    assert [status.name for status in reporter.report().status] == ['/test']
    watch(reporter)
    names = [status.name for status in reporter.report().status]
    assert names == ['/test', '/test: /front/image', '/test: /rear/image']


def test_each_camera_is_reported_with_its_own_counts(reporter: Reporter) -> None:
    front, rear = watch(reporter)
    front.statistics.received(time.monotonic())
    rear.statistics.refused('too small')
    _, of_front, of_rear = reporter.report().status
    assert [one.value for one in of_front.values if one.key == 'images received'] == ['1']
    assert [one.value for one in of_rear.values if one.key == 'images received'] == ['0']
    assert 'too small' in of_rear.message
    assert 'too small' not in of_front.message


def test_the_network_is_described_in_the_status_of_every_camera(reporter: Reporter) -> None:
    watch(reporter)
    for status in reporter.report().status[1:]:
        assert ('model', 'mobilenet_v1_075') in [(one.key, one.value) for one in status.values]


def test_a_problem_disappears_after_one_report(reporter: Reporter) -> None:
    front, _ = watch(reporter)
    front.statistics.refused('too small')
    assert 'too small' in reporter.report().status[1].message
    reporter.report()
    assert 'refused' not in reporter.report().status[1].message


def test_problems_from_before_the_cameras_were_watched_are_not_reported(
    reporter: Reporter,
) -> None:
    for camera in reporter.cameras:
        camera.statistics.refused('too small')
    watch(reporter)
    assert 'refused' not in reporter.report().status[1].message


def test_the_activity_of_the_network_is_reported_for_every_camera(reporter: Reporter) -> None:
    watch(reporter, Activity(processing=61.0))
    for status in reporter.report().status[1:]:
        assert 'busy with other images for 61 s' in status.message


def test_released_cameras_are_no_longer_reported(reporter: Reporter) -> None:
    watch(reporter)
    reporter.report()
    reporter.monitor.release()
    reporter.report()
    assert [status.name for status in reporter.report().status] == ['/test']


def test_a_refused_override_is_named_after_the_remapped_topic(graph: Graph) -> None:
    arguments = ['--ros-args', '-r', '/diagnostics:=/report']
    arguments += ['-p', 'qos_overrides./report.publisher.reliability:=nonsense']
    with (
        graph.host(lambda context: Node('n', context=context, cli_args=arguments)) as node,
        pytest.raises(SettingError, match=r'/report\.publisher is refused'),
    ):
        Monitor(node, timeout=60.0)
