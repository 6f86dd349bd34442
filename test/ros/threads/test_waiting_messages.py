"""Messages that wait in the middleware, over real DDS."""

from collections.abc import Iterator
from typing import Any

import pytest
from rclpy.subscription import Subscription
from ros_graph import Graph
from std_msgs.msg import Header

from posenet_ros.errors import SettingError
from posenet_ros.ros.rclpy_release import SubscriptionEventCallbacks
from posenet_ros.ros.threads import waiting_messages
from posenet_ros.ros.threads.waiting_messages import WaitingMessages
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS
from posenet_ros.ros.topics.topic import Topic

TOPIC = Topic('/headers', '/headers')


def subscribe(graph: Graph, reports: list[Any]) -> WaitingMessages:
    events = SubscriptionEventCallbacks(
        incompatible_qos=reports.append, use_default_callbacks=False
    )
    return WaitingMessages(graph.node, Header, TOPIC, POSES_QOS, events=events)


@pytest.fixture
def messages(graph: Graph) -> Iterator[WaitingMessages]:
    made = subscribe(graph, [])
    yield made
    made.close()


def publish(graph: Graph, *names: str) -> None:
    """Publish messages, and return when a subscription has received them."""
    seen = graph.collect(Header, TOPIC.resolved, POSES_QOS)
    publisher = graph.node.create_publisher(Header, TOPIC.resolved, POSES_QOS)
    graph.wait_until(lambda: publisher.get_subscription_count() == 2, 'both subscriptions')
    for count, name in enumerate(names, start=1):
        publisher.publish(Header(frame_id=name))
        graph.wait_until(lambda count=count: len(seen) == count, 'a message')  # type: ignore[misc]


def names_of(messages: WaitingMessages) -> list[str]:
    return [message.frame_id for message in messages.receive()]


def test_the_newest_messages_wait_until_they_are_received_while_executors_spin(
    graph: Graph, messages: WaitingMessages
) -> None:
    publish(graph, *'abcdefghijkl')
    assert names_of(messages) == list('cdefghijkl')  # the QoS keeps ten
    assert names_of(messages) == []


def test_not_more_messages_than_the_maximum_are_received_at_once(
    graph: Graph, messages: WaitingMessages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_messages, '_MAX_RECEIVED', 2)
    publish(graph, *'abc')
    assert [names_of(messages), names_of(messages)] == [['a', 'b'], ['c']]


def test_a_message_that_waits_does_not_keep_the_executor_busy(
    graph: Graph, messages: WaitingMessages, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(graph, 'a')
    waits = 0
    can_execute = waiting_messages._EventsGroup.can_execute

    def count(group: Any, entity: object) -> bool:
        nonlocal waits
        waits += isinstance(entity, Subscription)
        return can_execute(group, entity)

    monkeypatch.setattr(waiting_messages._EventsGroup, 'can_execute', count)
    graph.holds_within(lambda: False, 0.5)
    # One wait for each call, and one that includes events; without a pause, it would be hundreds.
    assert waits < 30
    assert names_of(messages) == ['a']


def test_events_are_reported_even_if_a_message_waits(graph: Graph) -> None:
    reports: list[Any] = []
    messages = subscribe(graph, reports)
    publish(graph, 'a')
    graph.node.create_publisher(Header, TOPIC.resolved, IMAGE_QOS)  # best effort
    graph.wait_until(lambda: reports, 'the report of the incompatible publisher')
    assert names_of(messages) == ['a']
    messages.close()


class Broken:
    """Stands in for a subscription whose messages cannot be converted."""

    msg_type, raw = Header, False

    @property
    def handle(self) -> Any:
        raise UnicodeError('not UTF-8')


def test_a_message_that_cannot_be_received_is_logged(
    graph: Graph,
    messages: WaitingMessages,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(messages, '_subscription', Broken())
        assert messages.receive() == []
    error = capfd.readouterr().err
    assert 'a message on /headers could not be received' in error
    assert 'UnicodeError: not UTF-8' in error


def test_refused_overrides_of_the_qos_are_an_error(graph: Graph) -> None:
    graph.node.declare_parameter('qos_overrides./headers.subscription.depth', 0)
    with pytest.raises(SettingError, match='/headers'):
        subscribe(graph, [])
