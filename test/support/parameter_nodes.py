"""Nodes in the test's own process, with parameters as on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

import rclpy
from rclpy.context import Context
from rclpy.node import Node
from ros_graph import DOMAIN


@contextmanager
def open_node(*parameters: str) -> Iterator[Node]:
    """Create a node with parameters, such as `rate:=4`, and destroy it afterwards."""
    words = [word for parameter in parameters for word in ('-p', parameter)]
    context = Context()
    rclpy.init(args=['--ros-args', *words], context=context, domain_id=DOMAIN)
    node = Node('test', context=context)
    try:
        yield node
    finally:
        node.destroy_node()
        context.try_shutdown()
