"""When a node starts by itself."""

from lifecycle_msgs.msg import TransitionEvent
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from ros_graph import Graph, PATIENCE

from posenet_ros.ros.autostart import Autostart


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


def test_a_start_that_was_cancelled_does_not_happen(graph: Graph) -> None:
    starts = Starts(graph, timeout=0.0)
    starts.autostart.cancel()
    starts.spin()
    assert starts.number == 0
