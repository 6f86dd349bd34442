"""A thread that receives messages only when it can work on them."""

from collections.abc import Callable
import threading
import time
import traceback
from typing import Any, Generic, TypeVar

from rclpy.callback_groups import CallbackGroup
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.subscription import Subscription

# Seconds between two looks whether the thread has ended.
_LOOK_AGAIN = 0.05

Key = TypeVar('Key')
Value = TypeVar('Value')


def _nothing(_: object) -> None:
    """Work on nothing."""


class Receiver(Generic[Key, Value]):
    """
    Receives messages in a thread of its own, works on them there, and then receives more.

    What comes meanwhile waits in the middleware, where a newer message replaces the oldest once
    there are more than the subscription's depth: with a depth of 1, what is worked on is the
    newest, and what is replaced costs nothing. Subscriptions take turns: none waits for more than
    one round.

    Its subscriptions are those made with its `callback_group`; their callbacks run in its thread,
    and call `put`. The executor that spins the node leaves them alone, whichever it is.
    """

    def __init__(
        self,
        node: Node,
        name: str,
        work: Callable[[list[tuple[Key, Value]]], None],
        *,
        most: int = 1,
    ) -> None:
        """
        Make the thread `name`; `start` lets it go.

        `work` gets up to `most` messages of different subscriptions at once, and must not raise.
        """
        self._node = node
        self._work = work
        self._most = most
        self._received: list[tuple[Key, Value]] = []
        self._working_since: float | None = None
        self._stopping = False
        # A daemon: a signal that comes before somebody can stop it must not leave it behind.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._turns = _Turns(self._thread)
        self._executor = _GroupExecutor(node, self._turns)
        self._end = node.create_guard_condition(lambda: None, callback_group=self._turns)

    @property
    def callback_group(self) -> CallbackGroup:
        """That of the subscriptions to receive from."""
        return self._turns

    def start(self) -> None:
        """Receive; the subscriptions are there by now."""
        self._thread.start()

    def put(self, key: Key, value: Value) -> None:
        """Take up what was received; only for callbacks."""
        self._received.append((key, value))

    def working(self, now: float) -> float:
        """Return how long it has been working by `now`, in steady seconds; 0 when it receives."""
        since = self._working_since
        return 0.0 if since is None else max(0.0, now - since)

    def stop(self, interrupt: Callable[[], None] = lambda: None) -> None:
        """Receive no more, and wait for what is worked on, which `interrupt` shall cut short."""
        self._stopping = True
        self._end.trigger()  # after the flag: who is woken up by it has to see that
        while self._thread.is_alive():
            interrupt()  # again and again, as the work may begin only now
            self._thread.join(_LOOK_AGAIN)
        self._node.destroy_guard_condition(self._end)
        self._executor.shutdown()
        self._turns.begin_round()
        # Who made this receiver also holds it: without this, the two, and a whole model with
        # them, would stay in memory until Python looks for such rings.
        self._work = _nothing

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._receive()
            except ExternalShutdownException:
                return
            except Exception:  # a message that rclpy cannot read must not end all others
                if self._stopping or not self._node.context.ok():
                    return
                self._node.get_logger().error(
                    f'a message cannot be received: {traceback.format_exc()}',
                    throttle_duration_sec=5.0,
                )
            received, self._received = self._received, []
            if received and not self._stopping:
                self._working_since = time.monotonic()
                self._work(received)
                self._working_since = None

    def _receive(self) -> None:
        """Receive what waits of subscriptions that are left of the round, or wait for the next."""
        self._receive_waiting()
        if not self._received and not self._stopping:
            self._turns.begin_round()
            self._spin(None)
            self._receive_waiting()

    def _receive_waiting(self) -> None:
        """Receive what waits of subscriptions that are left of the round, up to the most."""
        while self._turns.are_left and len(self._received) < self._most and self._spin(0.0):
            pass

    def _spin(self, timeout: float | None) -> bool:
        """Let one callback run, and tell whether one did within `timeout` seconds."""
        before = self._turns.taken
        self._executor.spin_once(timeout_sec=timeout)
        if timeout is not None and self._turns.taken == before:
            # The executor has only ended an earlier round, and knows nothing of what came since.
            self._executor.spin_once(timeout_sec=timeout)
        return self._turns.taken > before


class _Turns(CallbackGroup):
    """Callbacks that run in one thread only, each at most once a round."""

    def __init__(self, thread: threading.Thread) -> None:
        super().__init__()
        self._thread = thread
        self._had_turn: set[object] = set()
        #: How many callbacks have begun.
        self.taken = 0

    def can_execute(self, entity: object) -> bool:
        return threading.current_thread() is self._thread and entity not in self._had_turn

    def beginning_execution(self, entity: object) -> bool:
        self._had_turn.add(entity)
        self.taken += 1
        return True

    def ending_execution(self, entity: object) -> None:
        pass

    @property
    def are_left(self) -> bool:
        """Whether subscriptions are left that have had no turn in this round."""
        return any(
            isinstance(entity := reference(), Subscription) and entity not in self._had_turn
            for reference in self.entities
        )

    def begin_round(self) -> None:
        self._had_turn.clear()


class _GroupExecutor(SingleThreadedExecutor):
    """Runs only one group of the callbacks of a node, which another executor spins."""

    def __init__(self, node: Node, group: CallbackGroup) -> None:
        super().__init__(context=node.context)
        self._node = node
        self._group = group

    def get_nodes(self) -> list[Node]:
        return [self._node]

    def can_execute(self, entity: Any) -> bool:
        return entity.callback_group is self._group and bool(super().can_execute(entity))
