"""A thread that works on the newest values while other threads bring more."""

from collections.abc import Callable
import threading
from typing import Generic, TypeVar

from posenet_ros.ros.threads.newest_queue import NewestQueue

Key = TypeVar('Key')
Value = TypeVar('Value')


class Worker(Generic[Key, Value]):
    """
    Calls a function with the newest values of keys in turn, in a thread of its own.

    The function must not raise.
    """

    def __init__(self, name: str, work: Callable[[Key, Value], None]) -> None:
        """Start."""
        self._work = work
        self._newest: NewestQueue[Key, Value] = NewestQueue()
        # A daemon: a signal that comes before somebody can stop it must not leave it behind.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, key: Key, value: Value) -> bool:
        """Hand over a value; returns whether it replaces one that was not worked on."""
        return self._newest.put(key, value)

    def stop(self) -> None:
        """Drop what waits, and wait for what is worked on."""
        self._newest.close()
        self._thread.join()
        # Who made this worker also holds it: without this, the two, and a whole model with them,
        # would stay in memory until Python looks for such rings.
        del self._work

    def _run(self) -> None:
        while newest := self._newest.take():
            self._work(*newest)
