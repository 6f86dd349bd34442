from types import SimpleNamespace
from typing import Any

import pytest
from ros_graph import Graph
from std_msgs.msg import Header

from posenet_ros.ros.topics import hosts
from posenet_ros.ros.topics.hosts import own_endpoint, Place, publisher_places
from posenet_ros.ros.topics.middleware import is_fast_dds
from posenet_ros.ros.topics.qos import IMAGE_QOS
from posenet_ros.ros.topics.topic import Topic

TOPIC = Topic('/image', '/image')


def endpoint(host: int, *, name: str = 'driver') -> Any:
    """Return an endpoint on a host, as the ROS graph shows it."""
    gid = [1, 15, host, 0, *range(12)]
    return SimpleNamespace(node_name=name, node_namespace='/', endpoint_gid=gid)


def show(graph: Graph, monkeypatch: pytest.MonkeyPatch, hosts: list[int]) -> None:
    """Make the graph show the node's subscription on host 1, and a publisher on each host."""
    infos = {'subscriptions': [endpoint(1, name='test')], 'publishers': map(endpoint, hosts)}
    for kind, found in infos.items():
        endpoints = list(found)
        monkeypatch.setattr(
            graph.node, f'get_{kind}_info_by_topic', lambda topic, found=endpoints: found
        )


@pytest.mark.parametrize(
    ('listed', 'places'), [([1], {'here'}), ([2], {'elsewhere'}), ([1, 2], {'here', 'elsewhere'})]
)
def test_publishers_with_another_host_in_their_gid_are_elsewhere(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, listed: list[int], places: set[Place]
) -> None:
    show(graph, monkeypatch, listed)
    monkeypatch.setattr(hosts, 'is_fast_dds', lambda: True)
    assert publisher_places(graph.node, TOPIC) == places


def test_with_another_middleware_nothing_is_known_about_hosts(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(graph, monkeypatch, [1, 2])
    monkeypatch.setattr(hosts, 'is_fast_dds', lambda: False)
    assert publisher_places(graph.node, TOPIC) == frozenset()


@pytest.mark.skipif(not is_fast_dds(), reason='only the GIDs of Fast DDS show the host')
def test_publishers_in_this_process_are_here(graph: Graph) -> None:
    assert publisher_places(graph.node, TOPIC) == frozenset()
    graph.node.create_publisher(Header, '/image', IMAGE_QOS)
    graph.collect(Header, '/image', IMAGE_QOS)
    graph.wait_until(lambda: publisher_places(graph.node, TOPIC) == {'here'}, 'both ends')


def test_only_the_endpoint_of_the_node_is_its_own(graph: Graph) -> None:
    own = endpoint(1, name='test')
    assert own_endpoint(graph.node, [endpoint(1), own]) is own
    assert own_endpoint(graph.node, [endpoint(1)]) is None
