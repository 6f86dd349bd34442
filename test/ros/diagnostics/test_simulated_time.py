from typing import Any

from rclpy.parameter import Parameter
from ros_graph import Graph
from rosgraph_msgs.msg import Clock

from posenet_ros.ros.diagnostics.simulated_time import missing_clock


def test_simulated_time_that_nobody_publishes_is_a_problem(graph: Graph) -> None:
    assert missing_clock(graph.node) is None
    make: Any = Parameter  # it has no types
    graph.node.set_parameters([make('use_sim_time', value=True)])
    problem = missing_clock(graph.node)
    assert problem is not None
    assert 'nobody publishes /clock' in problem
    graph.node.create_publisher(Clock, '/clock', 1)
    graph.wait_until(lambda: missing_clock(graph.node) is None, 'the publisher to be seen')
