"""A thread that processes the values that other threads submit."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from posenet_ros.ros.threads.newest_queue import NewestQueue
from posenet_ros.ros.threads.ordered_queue import OrderedQueue
from posenet_ros.ros.threads.supervised_thread import SupervisedThread

#: Seconds between two calls of `idle`.
IDLE_PERIOD = 0.1

Key = TypeVar('Key')
Value = TypeVar('Value')


class Worker(Generic[Key, Value]):
    """
    Processes values in its own thread: the newest of each key, unless it has another queue.

    If `process` raises an exception, that is reported, and the next value is processed.
    """

    def __init__(
        self,
        name: str,
        process: Callable[[Key, Value], None],
        *,
        report: Callable[[Exception], object],
        queue: OrderedQueue[Key, Value] | None = None,
        idle: Callable[[], None] | None = None,
    ) -> None:
        """
        Prepare the thread `name`; `report` is called with an exception that it raises.

        With `queue`, all values are processed in their order. `idle` is called in the thread,
        every `IDLE_PERIOD` seconds while it has nothing to process.
        """
        self._process: Callable[[Key, Value], None] | None = process
        self._report = report
        self._idle = idle
        self._queue: OrderedQueue[Key, Value] | NewestQueue[Key, Value] = queue or NewestQueue()
        #: The thread, with its name and the reason if it died.
        self.thread = SupervisedThread(name, self._run)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def submit(self, key: Key, value: Value) -> bool:
        """Queue a value; returns whether it replaced an older one that was not processed."""
        return self._queue.put(key, value)

    def begin_stop(self) -> None:
        """Tell the thread to end after the value being processed; drop what is queued."""
        self.thread.expect_end()
        self._queue.close()

    def finish_stop(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the thread; returns whether it has ended."""
        ended = self.thread.finish(timeout)
        if ended:
            self._process = self._idle = None  # see SupervisedThread.finish
        return ended

    def _run(self) -> None:
        assert self._process is not None  # set until the thread has ended
        while queued := self._next():
            self._attempt(self._process, *queued)

    def _next(self) -> tuple[Key, Value] | None:
        """Wait for a value; returns None once the queue is closed."""
        if self._idle is None:
            return self._queue.get()
        while True:
            try:
                return self._queue.get(IDLE_PERIOD)
            except TimeoutError:
                self._attempt(self._idle)

    def _attempt(self, step: Callable[..., None], *arguments: Any) -> None:
        try:
            step(*arguments)
        except Exception as error:
            self._report(error)
