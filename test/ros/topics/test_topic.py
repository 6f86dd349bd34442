"""Topics of a node that swaps two names; remapping a name twice would undo it."""

from collections.abc import Iterator

import pytest
from rclpy.node import Node
from ros_graph import Graph
from std_msgs.msg import Header

from posenet_ros.ros.topics.topic import is_remapped, topic_of

SWAP = ['--ros-args', '-r', '/left:=/right', '-r', '/right:=/left']


@pytest.fixture
def node(graph: Graph) -> Iterator[Node]:
    """Return a node that swaps /left and /right."""
    with graph.host(lambda context: Node('swap', context=context, cli_args=SWAP)) as hosted:
        yield hosted


def test_a_topic_is_resolved_as_its_publisher_is(node: Node) -> None:
    topic = topic_of(node, 'left')
    publisher = node.create_publisher(Header, topic.given, 1)
    assert (topic.given, topic.resolved) == ('left', '/right')
    assert publisher.topic_name == topic.resolved


def test_the_graph_is_asked_about_the_topic_after_remapping(graph: Graph, node: Node) -> None:
    topic = topic_of(node, '/left')
    graph.node.create_publisher(Header, '/right', 1)
    graph.node.create_subscription(Header, '/right', print, 1)
    graph.wait_until(lambda: topic.count_publishers(node), 'the publisher')
    graph.wait_until(lambda: topic.publishers(node), 'the publisher')
    graph.wait_until(lambda: topic.subscriptions(node), 'the subscription')
    other = topic_of(node, '/right')
    assert (other.count_publishers(node), other.publishers(node)) == (0, [])
    assert other.subscriptions(node) == []


def test_only_a_name_that_a_remapping_changes_is_remapped(node: Node) -> None:
    assert is_remapped(node, 'left')
    assert not is_remapped(node, 'other')
