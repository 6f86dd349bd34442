from collections.abc import Callable, Iterator
import threading
from typing import Any, NoReturn

import pytest
from rclpy.clock import Clock
from rclpy.executors import ShutdownException
from rclpy.node import Node
from rclpy.subscription import Subscription
from ros_graph import Graph, PATIENCE
from std_msgs.msg import String

from posenet_ros.errors import ImageError
from posenet_ros.ros.callbacks.guarded_node import GuardedNode
from posenet_ros.ros.callbacks.tolerant_executor import TolerantExecutor
from posenet_ros.ros.rclpy_release import ClockType, SubscriptionEventCallbacks
from posenet_ros.ros.topics.qos import IMAGE_QOS, POSES_QOS

Output = pytest.CaptureFixture[str]
PERIOD = 0.01


@pytest.fixture
def node(graph: Graph) -> Iterator[Node]:
    made = Node('spun', context=graph.node.context)
    yield made
    made.destroy_node()


@pytest.fixture
def executor(node: Node) -> Iterator[TolerantExecutor]:
    made = TolerantExecutor(node)
    yield made
    made.shutdown()


def repeat(node: Node, callback: Callable[[], None]) -> None:
    """Call back at once and then often."""
    node.create_timer(PERIOD, callback, clock=Clock(clock_type=ClockType.STEADY_TIME))


def run(executor: TolerantExecutor) -> None:
    """Run until the executor is ended; fails if that takes too long."""
    late = threading.Timer(PATIENCE, executor.end)
    late.start()
    executor.run()
    assert late.is_alive(), 'the executor was not ended'
    late.cancel()


def test_an_exception_in_a_callback_is_logged_and_the_callback_runs_again(
    node: Node, executor: TolerantExecutor, capfd: Output
) -> None:
    calls: list[int] = []

    def fail_twice() -> None:
        calls.append(1)
        if len(calls) == 3:
            return executor.end()
        raise ZeroDivisionError('unexpected')

    repeat(node, fail_twice)
    run(executor)
    assert capfd.readouterr().err.count('ZeroDivisionError: unexpected') == 1
    assert len(calls) == 3


def test_a_message_that_cannot_be_taken_does_not_block_its_subscription_or_its_group(
    node: Node, executor: TolerantExecutor, monkeypatch: pytest.MonkeyPatch, capfd: Output
) -> None:
    received: list[String] = []
    failed: list[Subscription] = []
    take: Any = TolerantExecutor._take_subscription

    def fail_once(self: TolerantExecutor, subscription: Subscription) -> Any:
        taken = take(self, subscription)
        if not failed:
            failed.append(subscription)
            raise UnicodeDecodeError('utf-8', b'\xff', 0, 1, 'invalid start byte')
        return taken

    def end_after_receiving(message: String) -> None:
        received.append(message)
        executor.end()

    monkeypatch.setattr(TolerantExecutor, '_take_subscription', fail_once)
    node.create_subscription(String, 'words', end_after_receiving, 10)
    publisher = node.create_publisher(String, 'words', 10)
    repeat(node, lambda: publisher.publish(String()))  # in the same group
    run(executor)
    assert failed
    assert received
    assert 'receiving a message failed: ' in capfd.readouterr().err


def test_an_exception_in_the_callback_of_an_event_is_logged_and_the_node_goes_on(
    node: Node, executor: TolerantExecutor, capfd: Output
) -> None:
    failed: list[object] = []

    def fail(event: object) -> NoReturn:
        failed.append(event)
        raise ZeroDivisionError('unexpected')

    node.create_publisher(String, 'words', IMAGE_QOS)  # best effort
    node.create_subscription(
        String,
        'words',
        lambda _: None,
        POSES_QOS,  # reliable
        event_callbacks=SubscriptionEventCallbacks(incompatible_qos=fail),
    )
    repeat(node, lambda: executor.end() if failed else None)
    run(executor)
    assert 'ZeroDivisionError: unexpected' in capfd.readouterr().err


def test_an_exception_while_waiting_is_logged_and_the_executor_waits_again(
    node: Node, executor: TolerantExecutor, monkeypatch: pytest.MonkeyPatch, capfd: Output
) -> None:
    failures = [RuntimeError('a handle was destroyed')]
    can_execute = TolerantExecutor.can_execute

    def fail_once(self: TolerantExecutor, entity: Any) -> bool:
        if failures:
            raise failures.pop()
        return bool(can_execute(self, entity))

    monkeypatch.setattr(TolerantExecutor, 'can_execute', fail_once)
    repeat(node, executor.end)
    run(executor)
    assert 'a handle was destroyed' in capfd.readouterr().err


def test_the_executor_shares_the_limit_of_log_lines_with_its_node(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, capfd: Output
) -> None:
    node = GuardedNode('guarded', context=graph.node.context)
    executor = TolerantExecutor(node)
    failures = [RuntimeError('a handle was destroyed')]

    def fail_once(*_: object) -> Any:
        if failures:
            raise failures.pop()
        executor.end()
        raise ShutdownException

    monkeypatch.setattr(executor, 'wait_for_ready_callbacks', fail_once)
    node.callback_errors.log('waiting for messages', RuntimeError('logged before'))
    run(executor)
    executor.shutdown()
    node.destroy_node()
    assert failures == []
    (line,) = capfd.readouterr().err.splitlines()
    assert 'waiting for messages failed: RuntimeError: logged before' in line


def test_an_error_that_is_meant_to_end_the_node_is_raised(
    node: Node, executor: TolerantExecutor
) -> None:
    def end() -> NoReturn:
        raise ImageError('the webcam was unplugged')

    repeat(node, end)
    with pytest.raises(ImageError, match='unplugged'):
        run(executor)


def test_another_thread_can_end_the_executor_while_it_waits(
    node: Node, executor: TolerantExecutor
) -> None:
    waiting = threading.Timer(0.05, executor.end)
    waiting.start()
    run(executor)


def test_an_executor_that_was_ended_before_runs_nothing(
    node: Node, executor: TolerantExecutor
) -> None:
    executor.end()
    run(executor)


def test_a_context_that_is_shut_down_ends_the_executor(
    node: Node, executor: TolerantExecutor, capfd: Output
) -> None:
    repeat(node, lambda: node.context.try_shutdown())
    run(executor)
    assert capfd.readouterr().err == ''
