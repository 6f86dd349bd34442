"""A queue that keeps only the newest value of each key."""

import threading
from typing import Generic, TypeVar

Key = TypeVar('Key')
Value = TypeVar('Value')


class NewestQueue(Generic[Key, Value]):
    """
    Passes values from one thread to another and holds one value per key.

    A newer value replaces a queued value of the same key and takes its place in the queue. So keys
    take turns, and no key waits for more than one round.
    """

    def __init__(self) -> None:
        """Create an empty queue."""
        self._queued: dict[Key, Value] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, key: Key, value: Value) -> bool:
        """Add or replace the value of a key; returns whether one was replaced."""
        with self._changed:
            replaced = key in self._queued
            self._queued[key] = value
            self._changed.notify()
            return replaced

    def get(self, timeout: float | None = None) -> tuple[Key, Value] | None:
        """
        Wait for a value and remove it; returns None once the queue is closed.

        Raises TimeoutError if there is none within `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._queued or self._closed, timeout):
                raise TimeoutError
            if self._closed:
                return None
            key = next(iter(self._queued))
            return key, self._queued.pop(key)

    def close(self) -> None:
        """Drop all queued values, and wake up the waiting thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
