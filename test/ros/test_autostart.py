"""When a node starts by itself."""

from lifecycle_msgs.msg import TransitionEvent
import pytest
from rclpy.clock import Clock
from ros_graph import Graph, PATIENCE

from posenet_ros.ros.autostart import Autostart
from posenet_ros.ros.rclpy_release import ClockType


class Starts:
    """Counts the starts of the node of a graph."""

    def __init__(self, graph: Graph, *, timeout: float) -> None:
        """Begin to wait; nothing spins the node yet."""
        self.number = 0
        self._graph = graph
        clock = Clock(clock_type=ClockType.STEADY_TIME)
        self.autostart = Autostart(graph.node, self._start, timeout=timeout, clock=clock)

    def _start(self) -> None:
        self.number += 1

    def wait(self) -> None:
        """Spin the node until it starts."""
        self._graph.wait_until(lambda: self.number, 'the start')

    def spin(self) -> None:
        """Spin the node for many times the period of the checks."""
        assert not self._graph.holds_within(lambda: self.number > 1, 0.3)


def test_a_node_starts_once_when_it_spins(graph: Graph) -> None:
    starts = Starts(graph, timeout=0.0)
    assert starts.number == 0
    starts.wait()
    starts.spin()
    assert starts.number == 1


def test_a_node_with_a_timeout_starts_when_somebody_subscribes_to_its_transitions(
    graph: Graph,
) -> None:
    starts = Starts(graph, timeout=2 * PATIENCE)
    starts.spin()
    assert starts.number == 0
    graph.collect(TransitionEvent, '/test/transition_event')
    starts.wait()


def test_a_node_starts_after_the_timeout_if_nobody_subscribes(graph: Graph) -> None:
    starts = Starts(graph, timeout=0.2)
    starts.wait()


def test_a_node_that_waits_for_a_subscriber_says_so_once_with_the_topic_and_the_limit(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    starts = Starts(graph, timeout=2 * PATIENCE)
    lines: list[str] = []

    def read() -> list[str]:
        lines.extend(capfd.readouterr().err.splitlines())
        return lines

    graph.wait_until(read, 'a line')
    starts.spin()
    (line,) = read()
    assert '[INFO]' in line
    assert '/test/transition_event' in line
    assert f'{2 * PATIENCE:g} s' in line


def test_a_node_that_starts_although_nobody_subscribes_says_so(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    Starts(graph, timeout=0.2).wait()
    (line,) = capfd.readouterr().err.splitlines()
    assert '[INFO]' in line
    assert 'nobody subscribed to /test/transition_event within 0.2 s' in line


def test_a_node_without_a_timeout_starts_without_a_line(
    graph: Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    Starts(graph, timeout=0.0).wait()
    assert capfd.readouterr().err == ''


def test_a_start_that_was_cancelled_does_not_happen(graph: Graph) -> None:
    starts = Starts(graph, timeout=0.0)
    starts.autostart.cancel()
    starts.spin()
    assert starts.number == 0
