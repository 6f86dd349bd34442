"""A thread that receives messages only when it can work on them."""

from collections.abc import Callable
from dataclasses import dataclass
import threading
import time
import traceback
from typing import Any, Generic, TypeVar

from rclpy.callback_groups import CallbackGroup
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.subscription import Subscription

# Seconds. A wait as long as that began with nothing to receive.
_LONG = 0.1

# Seconds between two looks whether the thread has ended.
_LOOK_AGAIN = 0.05

Key = TypeVar('Key')
Value = TypeVar('Value')


@dataclass(frozen=True)
class Attention:
    """What a receiver is doing, in seconds."""

    #: For how long it has been working on the messages that it received last; 0 when it receives.
    working: float = 0.0
    #: For how long a message may have been waiting unnoticed; 0 when it waits for messages itself.
    unnoticed: float = 0.0


class Receiver(Generic[Key, Value]):
    """
    Receives messages in a thread of its own, works on them there, and then receives more.

    What comes meanwhile waits in the middleware, where a newer message replaces the oldest once
    there are more than the subscription's depth: with a depth of 1, what is worked on is the
    newest, and what is replaced costs no Python. Subscriptions take turns: none waits for more
    than one round.

    Its subscriptions are those made with its `callback_group`; their callbacks, and those of their
    events, run in its thread, and the former call `put`. The SingleThreadedExecutor or
    MultiThreadedExecutor that spins the node leaves them alone.
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
        # When the round before this one began: what came before that has had its turn.
        self._previous_round = self._round = time.monotonic()
        self._waiting = False
        self._stopping = threading.Event()
        # A daemon, so that it keeps nobody from ending; but see `stop`.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._turns = _Turns(self._thread)
        self._executor = _GroupExecutor(node, self._turns)
        self._awake = node.create_guard_condition(lambda: None, callback_group=self._turns)

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

    def attention(self, now: float) -> Attention:
        """Return what it is doing at `now`, of time.monotonic()."""
        since, previous_round = self._working_since, self._previous_round
        return Attention(
            working=0.0 if since is None else max(0.0, now - since),
            unnoticed=0.0 if self._waiting else max(0.0, now - previous_round),
        )

    def stop(self, interrupt: Callable[[], None] = lambda: None) -> None:
        """
        Receive no more, and wait for what is worked on, which `interrupt` shall cut short.

        Needed before Python ends: a thread that then waits in rclpy aborts the process.
        """
        self._stopping.set()
        self._awake.trigger()  # after the flag: who is woken up by it has to see that
        while self._thread.is_alive():
            interrupt()  # again and again, as the work may begin only now
            self._thread.join(_LOOK_AGAIN)
        self._node.destroy_guard_condition(self._awake)
        self._executor.shutdown()
        # Who made this receiver also holds it, and so do callbacks, which the executor and the
        # group hold: without this, a whole model would stay in memory until Python looks for
        # such rings.
        self._turns.begin_batch()
        self._turns.begin_round()
        del self._work, self._executor

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._receive()
            except ExternalShutdownException:
                return
            except Exception:  # one message must not end the work on all others
                if self._stopping.is_set() or not self._node.context.ok():
                    return
                self._node.get_logger().error(
                    f'a message cannot be received: {traceback.format_exc()}',
                    throttle_duration_sec=5.0,
                )
                self._turns.let_all_in()
                self._stopping.wait(_LOOK_AGAIN)  # it may be the same again
            received, self._received = self._received, []
            if received and not self._stopping.is_set():
                self._working_since = time.monotonic()
                self._work(received)
                self._working_since = None

    def _receive(self) -> None:
        """Receive what waits of subscriptions that are left of the round, or wait for the next."""
        self._turns.begin_batch()
        self._receive_waiting()
        if self._stopping.is_set() or len(self._received) == self._most:
            return
        if not self._received:
            self._turns.begin_batch()  # callbacks may have run that took up nothing
        self._turns.begin_round()
        self._previous_round, self._round = self._round, time.monotonic()
        if not self._received:
            self._waiting = True
            try:
                self._spin(None)
            finally:
                self._waiting = False
            now = time.monotonic()
            if now - self._round > _LONG:
                self._previous_round = self._round = now  # nothing came that would go unnoticed
        self._receive_waiting()

    def _receive_waiting(self) -> None:
        """Receive what waits of subscriptions that are left of the round, up to the most."""
        while self._turns.are_left and len(self._received) < self._most and self._spin(0.0):
            pass

    def _spin(self, timeout: float | None) -> bool:
        """Let one callback run, and tell whether one did within `timeout` seconds."""
        before = self._turns.begun
        self._executor.spin_once(timeout_sec=timeout)
        if timeout is not None and self._turns.begun == before:
            # The executor has only ended an earlier round, and knows nothing of what came since.
            self._executor.spin_once(timeout_sec=timeout)
        return self._turns.begun > before


class _Turns(CallbackGroup):
    """Callbacks that run in one thread only, each at most once a round."""

    def __init__(self, thread: threading.Thread) -> None:
        super().__init__()
        self._thread = thread
        self._had_turn: set[object] = set()
        self._batch: set[object] = set()
        #: How many callbacks have begun.
        self.begun = 0

    def can_execute(self, entity: object) -> bool:
        return threading.current_thread() is self._thread and entity not in self._had_turn

    def beginning_execution(self, entity: object) -> bool:
        self._had_turn.add(entity)
        self._batch.add(entity)
        self.begun += 1
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

    def begin_batch(self) -> None:
        """Begin with what goes together; no subscription has two turns in it."""
        self._batch.clear()

    def begin_round(self) -> None:
        self._had_turn = set(self._batch)

    def let_all_in(self) -> None:
        """Undo what rclpy leaves behind when it fails to take: nothing would be taken again."""
        for reference in self.entities:
            entity = reference()
            if entity is not None:
                entity._executor_event = False


class _GroupExecutor(SingleThreadedExecutor):
    """
    Runs only one group of the callbacks of a node, which another executor spins.

    Besides that, rclpy runs guard conditions of the node that are in no such group; ours has none.
    """

    def __init__(self, node: Node, group: CallbackGroup) -> None:
        super().__init__(context=node.context)
        self._node = node
        self._group = group

    def get_nodes(self) -> list[Node]:
        return [self._node]

    def can_execute(self, entity: Any) -> bool:
        return entity.callback_group is self._group and bool(super().can_execute(entity))
