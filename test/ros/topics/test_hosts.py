from types import SimpleNamespace
from typing import Any

import pytest
from ros_graph import Graph
from std_msgs.msg import Header

from posenet_ros.ros.topics.hosts import own_endpoints, Place, publisher_places
from posenet_ros.ros.topics.qos import IMAGE_QOS
from posenet_ros.ros.topics.topic import Topic

TOPIC = Topic('/image', '/image')


def endpoint(host: int, *, name: str = 'driver') -> Any:
    """Return an endpoint on a host, as the ROS graph shows it."""
    gid = [1, 15, host, 0, *range(12)]
    return SimpleNamespace(node_name=name, node_namespace='/', endpoint_gid=gid)


@pytest.mark.parametrize(
    ('hosts', 'places'), [([1], {'here'}), ([2], {'elsewhere'}), ([1, 2], {'here', 'elsewhere'})]
)
def test_publishers_with_another_host_in_their_gid_are_elsewhere(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, hosts: list[int], places: set[Place]
) -> None:
    infos = {'subscriptions': [endpoint(1, name='test')], 'publishers': map(endpoint, hosts)}
    for kind, found in infos.items():
        endpoints = list(found)
        monkeypatch.setattr(
            graph.node, f'get_{kind}_info_by_topic', lambda topic, found=endpoints: found
        )
    assert publisher_places(graph.node, TOPIC) == places


def test_publishers_in_this_process_are_here(graph: Graph) -> None:
    assert publisher_places(graph.node, TOPIC) == frozenset()
    graph.node.create_publisher(Header, '/image', IMAGE_QOS)
    graph.collect(Header, '/image', IMAGE_QOS)
    graph.wait_until(lambda: publisher_places(graph.node, TOPIC) == {'here'}, 'both ends')


def test_only_the_endpoint_of_the_node_is_its_own(graph: Graph) -> None:
    own = endpoint(1, name='test')
    assert own_endpoints(graph.node, [endpoint(1), own]) == [own]
