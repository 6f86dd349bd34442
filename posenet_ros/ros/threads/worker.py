"""A thread that processes the newest values that other threads submit."""

from collections.abc import Callable
from typing import Generic, TypeVar

from posenet_ros.ros.threads.newest_queue import NewestQueue
from posenet_ros.ros.threads.supervised_thread import SupervisedThread

Key = TypeVar('Key')
Value = TypeVar('Value')


class Worker(Generic[Key, Value]):
    """
    Processes the newest value of each key in its own thread; keys take turns.

    If `process` raises an exception, that is reported, and the next value is processed.
    """

    def __init__(
        self,
        name: str,
        process: Callable[[Key, Value], None],
        *,
        report: Callable[[Exception], object],
    ) -> None:
        """Prepare the thread `name`; `report` is called with an exception that it raises."""
        self._process: Callable[[Key, Value], None] | None = process
        self._report = report
        self._newest: NewestQueue[Key, Value] = NewestQueue()
        #: The thread, with its name and the reason if it died.
        self.thread = SupervisedThread(name, self._run)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def submit(self, key: Key, value: Value) -> bool:
        """Queue a value; returns whether it replaced an older one that was not processed."""
        return self._newest.put(key, value)

    def begin_stop(self) -> None:
        """Tell the thread to end after the value being processed; drop what is queued."""
        self.thread.expect_end()
        self._newest.close()

    def finish_stop(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the thread; returns whether it has ended."""
        ended = self.thread.finish(timeout)
        if ended:
            self._process = None  # see SupervisedThread.finish
        return ended

    def _run(self) -> None:
        assert self._process is not None  # set until the thread has ended
        while newest := self._newest.get():
            try:
                self._process(*newest)
            except Exception as error:
                self._report(error)
