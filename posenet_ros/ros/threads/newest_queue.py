"""A queue that keeps only the newest value of each key."""

import threading
from typing import Generic, TypeVar

Key = TypeVar('Key')
Value = TypeVar('Value')


class NewestQueue(Generic[Key, Value]):
    """
    Hands values from one thread to another, one place a key.

    A value that was not taken yet is replaced by a newer one of its key, which keeps its place in
    the line: keys are served in turn, and none waits for more than one round.
    """

    def __init__(self) -> None:
        """Make an empty queue."""
        self._waiting: dict[Key, Value] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, key: Key, value: Value) -> bool:
        """Add or replace the value of a key; returns whether one was replaced."""
        with self._changed:
            replaced = key in self._waiting
            self._waiting[key] = value
            self._changed.notify()
            return replaced

    def take(self) -> tuple[Key, Value] | None:
        """Wait for a value and remove it; returns None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            key = next(iter(self._waiting))
            return key, self._waiting.pop(key)

    def close(self) -> None:
        """Wake up whoever waits; what is left in the queue is dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
