from collections.abc import Sequence

import pytest
from rclpy.node import Node
from ros_graph import Graph
from sensor_msgs.msg import Image

from posenet_ros.ros.diagnostics.publisher_conflict import PublisherConflict, publishing_nodes
from posenet_ros.ros.topics.topic import Topic

TOPIC = Topic('/image', '/image')


@pytest.mark.parametrize('nodes', [[], ['/camera']])
def test_a_single_publisher_is_no_conflict(nodes: Sequence[str]) -> None:
    conflict = PublisherConflict()
    assert not conflict.update(100.0, nodes)
    assert conflict.nodes == ()


def test_a_conflict_is_new_once_until_it_has_ended() -> None:
    conflict = PublisherConflict()
    both, one = ['/camera', '/player'], ['/camera']
    assert [conflict.update(float(i), both) for i in range(3)] == [True, False, False]
    assert list(conflict.nodes) == both
    assert not conflict.update(3.0, one)
    assert list(conflict.nodes) == []
    assert conflict.update(4.0, both)


def test_publishers_of_one_name_are_a_conflict_only_when_a_killed_one_would_have_gone() -> None:
    conflict = PublisherConflict()
    twice = ['/camera', '/camera']
    assert [conflict.update(now, twice) for now in (0.0, 24.0, 25.0, 26.0)] == [
        *(False, False),
        *(True, False),
    ]
    assert conflict.nodes == ('/camera', '/camera')


def test_each_publisher_of_a_topic_is_named_by_its_node(graph: Graph) -> None:
    graph.node.create_publisher(Image, '/image', 1)
    graph.wait_until(lambda: TOPIC.count_publishers(graph.node), 'the publisher')
    assert publishing_nodes(graph.node, TOPIC) == []
    with graph.host(lambda context: Node('camera', context=context, namespace='/front')) as camera:
        camera.create_publisher(Image, '/image', 1)
        graph.wait_until(lambda: publishing_nodes(graph.node, TOPIC), 'both publishers')
        assert publishing_nodes(graph.node, TOPIC) == ['/front/camera', '/test']
