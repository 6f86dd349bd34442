"""
The first step: receive messages only when the thread is free to process them.

The middleware keeps the newest message of each subscription (depth 1). A message that is replaced
there never reaches Python.
"""

from collections.abc import Callable
from functools import partial
import threading
from typing import Generic, TypeVar

from rclpy.callback_groups import CallbackGroup
from rclpy.node import Node

from posenet_ros.ros.log_text import traceback_of
from posenet_ros.ros.threads.activity import Activity, ActivityTracker
from posenet_ros.ros.threads.receiver_group import GroupExecutor, RoundRobinGroup
from posenet_ros.ros.threads.supervised_thread import SupervisedThread

# Seconds until the next attempt to receive after an error.
_RETRY_PERIOD = 0.05

Key = TypeVar('Key')
Value = TypeVar('Value')


class Receiver(Generic[Key, Value]):
    """
    Receives messages in its own thread and processes them there before it receives more.

    Messages that arrive in the meantime wait in the middleware, where newer ones replace older
    ones beyond the depth of the subscription. Subscriptions take turns: none waits for more than
    one round.

    A subscription belongs to a receiver if it is created with the receiver's `callback_group`. Its
    callback runs in the receiver's thread and calls `add`; the callbacks of its events run there,
    too. The executor that spins the node does not run them, whether it is a SingleThreadedExecutor
    or a MultiThreadedExecutor.
    """

    def __init__(
        self,
        node: Node,
        name: str,
        process: Callable[[list[tuple[Key, Value]]], None],
        *,
        max_batch_size: int = 1,
    ) -> None:
        """
        Prepare the thread `name`; `start` starts it.

        `process` gets up to `max_batch_size` messages from different subscriptions at once. If it
        raises an exception, that is logged, and the receiver continues.
        """
        self._node = node
        self._process: Callable[[list[tuple[Key, Value]]], None] | None = process
        self._max_batch_size = max_batch_size
        self._batch: list[tuple[Key, Value]] = []
        self._tracker = ActivityTracker()
        self._stopping = threading.Event()
        #: The thread, with its name and the reason if it died.
        self.thread = SupervisedThread(name, self._run)
        self._group = RoundRobinGroup(self.thread)
        self._executor: GroupExecutor | None = GroupExecutor(node, self._group)
        self._wake_up = node.create_guard_condition(lambda: None, callback_group=self._group)

    @property
    def callback_group(self) -> CallbackGroup:
        """The callback group for the subscriptions to receive from."""
        return self._group

    def start(self) -> None:
        """Start the thread; the subscriptions must already exist."""
        self.thread.start()

    def add(self, key: Key, value: Value) -> None:
        """Add a message to the batch; only for callbacks in the receiver's thread."""
        self._batch.append((key, value))

    def activity(self, now: float) -> Activity:
        """Return what the receiver is doing at `now`, a time of time.monotonic()."""
        return self._tracker.activity(now)

    def begin_stop(self) -> None:
        """Stop receiving, and tell the thread to end after the batch being processed."""
        self.thread.expect_end()
        self._stopping.set()
        if self._executor is not None:  # None after the thread has ended
            self._wake_up.trigger()  # only now: the thread checks the flag when it wakes up

    def finish_stop(self, timeout: float) -> bool:
        """
        Wait up to `timeout` seconds for the thread; returns whether it has ended.

        Call this before Python exits; otherwise a thread that waits in rclpy would abort the
        process.
        """
        ended = self.thread.finish(timeout)
        if ended and self._executor is not None:
            self._close(self._executor)
        return ended

    def _close(self, executor: GroupExecutor) -> None:
        """Release rclpy's resources, and the references that would keep our owner in memory."""
        self._node.destroy_guard_condition(self._wake_up)
        executor.shutdown()
        self._group.begin_batch()
        self._group.begin_round()
        self._process = self._executor = None

    def _run(self) -> None:
        while not self._stopping.is_set():
            received = self._attempt(self._receive_batch)
            batch, self._batch = self._batch, []
            if batch and not self._stopping.is_set():
                self._attempt(partial(self._process_batch, batch))
            if not self._node.context.ok():
                self.thread.expect_end()
                return
            if not received:
                self._group.release_all()
                self._stopping.wait(_RETRY_PERIOD)  # the next attempt may fail the same way

    def _attempt(self, step: Callable[[], None]) -> bool:
        """Do a step, log an exception from it, and return whether there was none."""
        try:
            step()
        except Exception as error:  # one message must not keep all others from being processed
            if not self._stopping.is_set() and self._node.context.ok():
                self._log(error)
            return False
        return True

    def _process_batch(self, batch: list[tuple[Key, Value]]) -> None:
        assert self._process is not None  # set until the thread has ended
        with self._tracker.processing():
            self._process(batch)

    def _receive_batch(self) -> None:
        """Receive from subscriptions not yet served in this round, or wait for the next round."""
        self._group.begin_batch()
        self._receive_waiting()
        if self._stopping.is_set() or len(self._batch) == self._max_batch_size:
            return
        if not self._batch:
            self._group.begin_batch()  # callbacks that added nothing may have run
        self._group.begin_round()
        self._tracker.begin_round()
        if not self._batch:
            with self._tracker.waiting():
                self._spin(None)
        self._receive_waiting()

    def _receive_waiting(self) -> None:
        """Receive from subscriptions not yet served in this round, up to the batch size."""
        while (
            self._group.has_unserved
            and len(self._batch) < self._max_batch_size
            and self._spin(0.0)
        ):
            pass

    def _spin(self, timeout: float | None) -> bool:
        """Run one callback, and return whether one ran within `timeout` seconds."""
        assert self._executor is not None  # set until the thread has ended
        begun = self._group.begun
        self._executor.spin_once(timeout_sec=timeout)
        if timeout is not None and self._group.begun == begun:
            # The executor only finished an earlier wait, and has not seen newer messages.
            self._executor.spin_once(timeout_sec=timeout)
        return self._group.begun > begun

    def _log(self, error: Exception) -> None:
        self._node.get_logger().error(
            f'a message could not be received or processed: {traceback_of(error)}',
            throttle_duration_sec=5.0,
        )
