"""Events of publishers and subscriptions, over real DDS in the test's own process."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from rclpy.node import Node
from rclpy.qos import QoSPolicyKind
from ros_graph import Graph
from std_msgs.msg import Header

from posenet_ros.ros.topics import qos_events
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS
from posenet_ros.ros.topics.qos_events import IncompatiblePeers, QosEvents
from posenet_ros.ros.topics.topic import Topic

TOPIC, IMAGE, INFO = (Topic(name, name) for name in ('/topic', '/a/image', '/a/camera_info'))


@pytest.fixture
def node(graph: Graph) -> Iterator[Node]:
    """Return a node that is spun with the graph."""
    with graph.host(lambda context: Node('camera', context=context)) as hosted:
        yield hosted


@pytest.fixture
def lost() -> list[int]:
    """Return the list of the numbers of lost images that the events report."""
    return []


@pytest.fixture
def events(node: Node, lost: list[int]) -> QosEvents:
    """Return the events of the node."""
    return QosEvents(node, lost.append)


def publish_best_effort(node: Node, events: QosEvents) -> None:
    """Open a best-effort publisher, which is incompatible with reliable subscribers."""
    callbacks = events.of_publisher(TOPIC)
    node.create_publisher(Header, '/topic', IMAGE_QOS, event_callbacks=callbacks)


def incompatible_event() -> Any:
    """Return what the middleware passes to the callback for an incompatible peer."""
    return SimpleNamespace(last_policy_kind=QoSPolicyKind.DEADLINE)


def lost_event(count: int) -> Any:
    """Return what the middleware passes to the callback for lost messages."""
    return SimpleNamespace(total_count_change=count)


def test_incompatible_subscribers_are_counted_and_compatible_ones_are_not(
    graph: Graph, node: Node, events: QosEvents
) -> None:
    publish_best_effort(node, events)
    assert events.incompatible_peers() == ()
    for qos in (POSES_QOS, IMAGE_QOS, POSES_QOS):
        graph.collect(Header, '/topic', qos)
    expected = (IncompatiblePeers('/topic', 'RELIABILITY', count=2),)
    graph.wait_until(lambda: events.incompatible_peers() == expected, 'two peers')


def test_incompatible_publishers_are_counted_and_compatible_ones_are_not(
    graph: Graph, node: Node, events: QosEvents
) -> None:
    callbacks = events.of_subscription(TOPIC, images=True)
    node.create_subscription(Header, '/topic', print, POSES_QOS, event_callbacks=callbacks)
    for qos in (IMAGE_QOS, POSES_QOS, IMAGE_QOS):
        graph.node.create_publisher(Header, '/topic', qos)
    expected = (IncompatiblePeers('/topic', 'RELIABILITY', count=2),)
    graph.wait_until(lambda: events.incompatible_peers() == expected, 'two peers')


def test_a_peer_that_leaves_is_forgotten(graph: Graph, node: Node, events: QosEvents) -> None:
    publish_best_effort(node, events)
    peer = graph.node.create_subscription(Header, '/topic', print, POSES_QOS)
    graph.wait_until(events.incompatible_peers, 'a peer')
    graph.node.destroy_subscription(peer)
    graph.wait_until(lambda: events.incompatible_peers() == (), 'its end')


def test_a_peer_that_the_graph_does_not_show_yet_counts_as_one(
    events: QosEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    callbacks = events.of_publisher(TOPIC)
    assert callbacks.incompatible_qos is not None
    callbacks.incompatible_qos(incompatible_event())
    assert events.incompatible_peers() == (IncompatiblePeers('/topic', 'DEADLINE', count=1),)
    monkeypatch.setattr(qos_events, '_GRAPH_DELAY', 0.0)
    assert events.incompatible_peers() == ()


@pytest.mark.parametrize(
    ('end', 'policy', 'remedy'),
    [
        ('publisher', QoSPolicyKind.RELIABILITY, 'qos_overrides./topic.publisher.reliability'),
        ('publisher', QoSPolicyKind.DEADLINE, 'in the subscriber'),
        ('subscription', QoSPolicyKind.DURABILITY, 'qos_overrides./topic.subscription.durability'),
        ('subscription', QoSPolicyKind.DEADLINE, 'in the publisher'),
    ],
)
def test_an_incompatible_policy_is_logged_once_with_the_remedy(
    events: QosEvents,
    capfd: pytest.CaptureFixture[str],
    end: str,
    policy: QoSPolicyKind,
    remedy: str,
) -> None:
    callbacks = (
        events.of_publisher(TOPIC)
        if end == 'publisher'
        else events.of_subscription(TOPIC, images=False)
    )
    assert callbacks.incompatible_qos is not None
    for _ in range(2):
        callbacks.incompatible_qos(SimpleNamespace(last_policy_kind=policy))
    (line,) = capfd.readouterr().err.splitlines()
    assert policy.name in line
    assert remedy in line


def test_lost_images_are_counted_each_time_and_logged_once(
    events: QosEvents, lost: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    callbacks = events.of_subscription(IMAGE, images=True)
    assert callbacks.message_lost is not None
    for count in (3, 1):
        callbacks.message_lost(lost_event(count))
    assert lost == [3, 1]
    (line,) = capfd.readouterr().err.splitlines()
    assert '/a/image: the middleware loses images' in line
    assert 'Lost images' in line


@pytest.mark.parametrize(
    ('places', 'shared_memory', 'compressed'),
    [
        (['here'], True, False),
        (['elsewhere'], False, True),
        (['here', 'elsewhere'], True, True),
        ([], True, True),
    ],
)
def test_the_remedy_for_lost_images_depends_on_where_the_publishers_are(
    events: QosEvents,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    places: list[str],
    shared_memory: bool,
    compressed: bool,
) -> None:
    monkeypatch.setattr(qos_events, 'publisher_places', lambda *_: frozenset(places))
    callbacks = events.of_subscription(IMAGE, images=True)
    assert callbacks.message_lost is not None
    callbacks.message_lost(lost_event(1))
    (line,) = capfd.readouterr().err.splitlines()
    assert ('more shared memory' in line) == shared_memory
    assert ('compressed' in line) == compressed


def test_lost_images_are_logged_for_every_topic(
    events: QosEvents, capfd: pytest.CaptureFixture[str]
) -> None:
    for topic in ('/a/image', '/b/image'):
        callbacks = events.of_subscription(Topic(topic, topic), images=True)
        assert callbacks.message_lost is not None
        callbacks.message_lost(lost_event(1))
    assert len(capfd.readouterr().err.splitlines()) == 2


def test_messages_that_are_not_images_do_not_count_as_lost(events: QosEvents) -> None:
    assert events.of_subscription(INFO, images=False).message_lost is None
