"""Detection of simulated time that nobody publishes."""

from rclpy.node import Node

from posenet_ros.ros.topics.topic import topic_of


def missing_clock(node: Node) -> str | None:
    """Return why the time of the node stands still, and what to do; None if it does not."""
    if not node.get_parameter('use_sim_time').value:
        return None
    clock = topic_of(node, '/clock')
    if clock.count_publishers(node):
        return None
    return (
        f'use_sim_time is true, but nobody publishes {clock.resolved}: start the simulator, play '
        'the bag with --clock, or set use_sim_time to false'
    )
