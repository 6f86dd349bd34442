from collections.abc import Iterator
import gc
import threading
import time
from typing import Any
import weakref

import pytest
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.subscription import Subscription
from ros_graph import Graph, PATIENCE
from std_msgs.msg import String

from posenet_ros.ros.threads.receiver import Receiver


class Work:
    """Records what a receiver processes; processing can be blocked."""

    def __init__(self, node: Node, *topics: str, max_batch_size: int = 1) -> None:
        self.done: list[list[tuple[str, str]]] = []
        self.threads: set[threading.Thread] = set()
        self.receiving_threads: set[str] = set()
        self.refused: list[str] = []
        self.ignored: list[str] = []
        self.errors: list[BaseException] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.receiver: Receiver[str, str] = Receiver(
            node, 'test', self.work, max_batch_size=max_batch_size
        )
        self._node = node
        self._subscriptions = [self._subscribe(topic) for topic in topics]

    def work(self, received: list[tuple[str, str]]) -> None:
        self.threads.add(threading.current_thread())
        self.done.append(received)
        if self.errors:
            raise self.errors.pop()
        assert self.may_go_on.wait(PATIENCE)

    def stop(self) -> None:
        if not self._subscriptions:
            return  # the test has stopped it
        self.receiver.begin_stop()
        self.may_go_on.set()
        assert self.receiver.finish_stop(PATIENCE)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []

    def _subscribe(self, topic: str) -> Subscription:
        def received(message: String) -> None:
            self.receiving_threads.add(threading.current_thread().name)
            if message.data == 'broken':
                self.refused.append(message.data)
                raise ValueError('broken')
            if message.data == 'ignored':
                self.ignored.append(message.data)
                return
            self.receiver.add(topic, message.data)

        group = self.receiver.callback_group
        return self._node.create_subscription(String, topic, received, 1, callback_group=group)


class Bench:
    """A graph with publishers, and receivers that are stopped at its end."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._publishers: dict[str, Publisher] = {}
        self._works: list[Work] = []

    def work(self, *topics: str, max_batch_size: int = 1, start: bool = True) -> Work:
        made = Work(self.graph.node, *topics, max_batch_size=max_batch_size)
        self._works.append(made)
        for topic in topics:
            publisher = self.graph.node.create_publisher(String, topic, 10)
            self._publishers[topic] = publisher
            self.graph.wait_until(publisher.get_subscription_count, f'subscriber of {topic}')
        if start:
            made.receiver.start()
        return made

    def publish(self, topic: str, *words: str) -> None:
        for word in words:
            self._publishers[topic].publish(String(data=word))

    def hold_up(self, work: Work, topic: str) -> None:
        """Block processing, so that later messages have to wait."""
        work.may_go_on.clear()
        self.publish(topic, 'first')
        self.graph.wait_until(lambda: work.done, 'the work to begin')

    def wait_for(self, work: Work, count: int) -> None:
        self.graph.wait_until(lambda: len(work.done) >= count, f'{count} works to be done')

    def close(self) -> None:
        for work in self._works:
            work.stop()


@pytest.fixture
def bench(graph: Graph) -> Iterator[Bench]:
    made = Bench(graph)
    yield made
    made.close()


def test_messages_are_processed_in_the_receivers_own_thread(bench: Bench) -> None:
    work = bench.work('front')
    bench.publish('front', 'one')
    bench.wait_for(work, 1)
    assert work.done == [[('front', 'one')]]
    assert {thread.name for thread in work.threads} == {'test'}


def test_the_executor_of_the_node_never_runs_the_callbacks(bench: Bench) -> None:
    work = bench.work('front', start=False)
    others = bench.graph.collect(String, 'front')
    bench.publish('front', 'one')
    bench.graph.wait_until(lambda: others, 'the message')
    bench.publish('front', 'two')
    bench.graph.wait_until(lambda: len(others) == 2, 'the second message')
    assert work.receiving_threads == set()
    work.receiver.start()
    bench.wait_for(work, 1)
    assert work.receiving_threads == {'test'}
    assert work.done == [[('front', 'two')]]


def test_the_newest_of_the_messages_that_arrive_during_processing_is_processed_next(
    bench: Bench,
) -> None:
    work = bench.work('front')
    bench.hold_up(work, 'front')
    bench.publish('front', 'old', 'older than the newest', 'newest')
    work.may_go_on.set()
    bench.wait_for(work, 2)
    assert work.done == [[('front', 'first')], [('front', 'newest')]]


def test_no_subscription_waits_for_more_than_one_round(bench: Bench) -> None:
    work = bench.work('busy', 'calm', 'late')
    bench.hold_up(work, 'busy')
    for topic in ('busy', 'calm', 'late'):
        bench.publish(topic, 'waits')
    work.may_go_on.set()
    bench.wait_for(work, 4)
    topics = [topic for received in work.done for topic, _ in received]
    assert topics[0] == 'busy'
    assert set(topics[1:3]) == {'calm', 'late'}
    assert topics[3] == 'busy'


def test_messages_of_several_subscriptions_are_processed_in_one_batch_up_to_the_maximum(
    bench: Bench,
) -> None:
    work = bench.work('front', 'rear', 'left', max_batch_size=2)
    bench.hold_up(work, 'front')
    for topic in ('front', 'rear', 'left'):
        bench.publish(topic, 'waits')
    work.may_go_on.set()
    bench.wait_for(work, 3)
    assert sorted(work.done[1]) == [('left', 'waits'), ('rear', 'waits')]
    assert work.done[2] == [('front', 'waits')]


def test_messages_of_two_rounds_are_processed_in_one_batch(bench: Bench) -> None:
    work = bench.work('front', 'rear', max_batch_size=2)
    bench.hold_up(work, 'front')
    for topic in ('front', 'rear'):
        bench.publish(topic, 'waits')
    work.may_go_on.set()
    bench.wait_for(work, 2)
    assert sorted(work.done[1]) == [('front', 'waits'), ('rear', 'waits')]


def test_messages_that_a_callback_ignores_do_not_block_later_ones(bench: Bench) -> None:
    work = bench.work('front', 'rear')
    bench.hold_up(work, 'front')
    bench.publish('rear', 'ignored')
    work.may_go_on.set()
    bench.graph.wait_until(lambda: work.ignored, 'the message to be ignored')
    bench.publish('rear', 'good')
    bench.wait_for(work, 2)
    assert work.done[1] == [('rear', 'good')]


def test_a_callback_that_raises_is_logged_and_does_not_block_later_messages(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    work = bench.work('front')
    bench.publish('front', 'broken')
    bench.graph.wait_until(lambda: work.refused, 'the message to be refused')
    bench.publish('front', 'good')
    bench.wait_for(work, 1)
    assert work.done == [[('front', 'good')]]
    assert 'ValueError: broken' in capfd.readouterr().err


def test_a_message_that_rclpy_fails_to_take_does_not_block_later_ones(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    take: Any = SingleThreadedExecutor._take_subscription
    failed: list[object] = []

    def fail_once(executor: Any, subscription: object) -> object:
        if not failed and threading.current_thread().name == 'test':
            failed.append(subscription)
            raise MemoryError('of rclpy')
        return take(executor, subscription)

    monkeypatch.setattr(SingleThreadedExecutor, '_take_subscription', fail_once)
    work = bench.work('front')
    bench.publish('front', 'one')
    bench.wait_for(work, 1)
    assert failed
    assert work.done == [[('front', 'one')]]


def test_the_activity_shows_how_long_processing_takes(bench: Bench) -> None:
    work = bench.work('front')
    later = time.monotonic() + 100
    assert work.receiver.activity(later).processing == 0.0
    bench.hold_up(work, 'front')
    bench.graph.wait_until(
        lambda: 0 < work.receiver.activity(later).processing <= 100, 'the work to count'
    )
    work.may_go_on.set()
    bench.graph.wait_until(lambda: not work.receiver.activity(later).processing, 'the work to end')


def test_no_message_is_unnoticed_while_the_receiver_waits(bench: Bench) -> None:
    work = bench.work('front')
    bench.graph.wait_until(
        lambda: not work.receiver.activity(time.monotonic()).unnoticed, 'the receiver to wait'
    )


def test_a_message_that_waits_for_its_turn_counts_as_unnoticed(bench: Bench) -> None:
    work = bench.work('front', 'rear')
    bench.hold_up(work, 'front')
    published = time.monotonic()
    bench.publish('rear', 'waits')
    bench.graph.wait_until(lambda: time.monotonic() > published + 0.2, 'some time to pass')
    now = time.monotonic()
    assert work.receiver.activity(now).unnoticed >= now - published


def test_stopping_ends_after_the_batch_being_processed_and_drops_waiting_messages(
    bench: Bench,
) -> None:
    work = bench.work('front')
    bench.hold_up(work, 'front')
    bench.publish('front', 'waits')
    work.stop()
    assert work.done == [[('front', 'first')]]
    assert not any(thread.is_alive() for thread in work.threads)


def test_a_receiver_that_was_never_started_can_be_stopped(bench: Bench) -> None:
    work = bench.work('front', start=False)
    work.stop()
    assert work.receiver.thread.failure is None


def stopped_during_work(graph: Graph) -> 'weakref.ref[Work]':
    """Return a weak reference to the owner of a receiver that was stopped during processing."""
    work = Work(graph.node, 'front')
    publisher = graph.node.create_publisher(String, 'front', 10)
    graph.wait_until(publisher.get_subscription_count, 'the subscription')
    work.may_go_on.clear()
    work.receiver.start()
    publisher.publish(String(data='one'))
    graph.wait_until(lambda: work.done, 'the work to begin')
    work.stop()
    return weakref.ref(work)


def test_a_receiver_stopped_during_processing_does_not_keep_its_owner_in_memory(
    graph: Graph,
) -> None:
    gc.disable()
    try:
        assert stopped_during_work(graph)() is None
    finally:
        gc.enable()


def test_an_exception_in_processing_is_logged_and_does_not_block_later_messages(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    work = bench.work('front')
    work.errors.append(ZeroDivisionError('unexpected'))
    bench.publish('front', 'one')
    bench.wait_for(work, 1)
    bench.publish('front', 'two')
    bench.wait_for(work, 2)
    assert work.done == [[('front', 'one')], [('front', 'two')]]
    assert work.receiver.thread.failure is None
    assert 'ZeroDivisionError: unexpected' in capfd.readouterr().err


def test_a_thread_that_dies_is_a_failure_with_its_cause(bench: Bench) -> None:
    work = bench.work('front')
    work.errors.append(SystemExit('killed'))
    bench.publish('front', 'one')
    bench.graph.wait_until(lambda: work.receiver.thread.failure, 'the thread to die')
    assert 'thread "test" died' in str(work.receiver.thread.failure)
    assert 'killed' in str(work.receiver.thread.failure)


def test_a_receiver_that_was_stopped_has_not_failed(bench: Bench) -> None:
    work = bench.work('front')
    work.stop()
    assert work.receiver.thread.failure is None


def test_stopping_gives_up_on_a_thread_that_does_not_end(bench: Bench) -> None:
    work = bench.work('front')
    bench.hold_up(work, 'front')
    started = time.monotonic()
    work.receiver.begin_stop()
    assert not work.receiver.finish_stop(0.2)
    assert 0.2 <= time.monotonic() - started < PATIENCE / 2
    work.may_go_on.set()


def test_messages_received_before_a_callback_raised_are_processed_at_once(bench: Bench) -> None:
    work = bench.work('front', 'rear', 'left', max_batch_size=4)
    bench.hold_up(work, 'front')
    bench.publish('rear', 'good')
    bench.publish('left', 'broken')
    work.may_go_on.set()
    bench.graph.wait_until(lambda: work.refused, 'the message to be refused')
    bench.wait_for(work, 2)
    bench.publish('rear', 'next')
    bench.wait_for(work, 3)
    assert work.done[1:] == [[('rear', 'good')], [('rear', 'next')]]
