import threading
from typing import Any

import pytest
from ros_graph import Graph
from std_msgs.msg import String

from posenet_ros.ros.threads.receiver_group import GroupExecutor, RoundRobinGroup


@pytest.fixture
def group() -> RoundRobinGroup:
    return RoundRobinGroup(threading.current_thread())


def subscribe(graph: Graph, topic: str, group: RoundRobinGroup) -> Any:
    return graph.node.create_subscription(String, topic, lambda _: None, 1, callback_group=group)


def test_a_callback_runs_once_per_round(graph: Graph, group: RoundRobinGroup) -> None:
    subscription = subscribe(graph, 'front', group)
    assert group.can_execute(subscription)
    group.beginning_execution(subscription)
    group.ending_execution(subscription)
    assert not group.can_execute(subscription)
    group.begin_batch()
    assert not group.can_execute(subscription)
    group.begin_round()
    assert group.can_execute(subscription)


def test_a_new_round_does_not_serve_a_subscription_twice_in_one_batch(
    graph: Graph, group: RoundRobinGroup
) -> None:
    front, rear = (subscribe(graph, topic, group) for topic in ('front', 'rear'))
    group.beginning_execution(front)
    group.begin_round()
    assert not group.can_execute(front)
    assert group.can_execute(rear)


def test_the_group_has_unserved_subscriptions_until_each_had_its_turn(
    graph: Graph, group: RoundRobinGroup
) -> None:
    subscriptions = [subscribe(graph, topic, group) for topic in ('front', 'rear')]
    for subscription in subscriptions:
        assert group.has_unserved
        group.beginning_execution(subscription)
    assert not group.has_unserved


def test_callbacks_run_in_no_other_thread(graph: Graph, group: RoundRobinGroup) -> None:
    subscription = subscribe(graph, 'front', group)
    seen: list[bool] = []
    other = threading.Thread(target=lambda: seen.append(group.can_execute(subscription)))
    other.start()
    other.join(10)
    assert seen == [False]


def test_releasing_makes_a_subscription_executable_that_rclpy_left_marked(
    graph: Graph, group: RoundRobinGroup
) -> None:
    subscription = subscribe(graph, 'front', group)
    subscription._executor_event = True
    group.release_all()
    assert subscription._executor_event is False


def test_an_executor_of_a_group_refuses_what_is_in_another_group(
    graph: Graph, group: RoundRobinGroup
) -> None:
    own, other = subscribe(graph, 'front', group), graph.node.create_timer(1.0, lambda: None)
    executor = GroupExecutor(graph.node, group)
    try:
        assert executor.can_execute(own)
        assert not executor.can_execute(other)
    finally:
        executor.shutdown()
