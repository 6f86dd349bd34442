"""A queue that keeps the order of all values."""

from collections import deque
import threading
from typing import Generic, TypeVar

Key = TypeVar('Key')
Value = TypeVar('Value')


class OrderedQueue(Generic[Key, Value]):
    """
    Passes all values from one thread to another in their order.

    Only if `max_length` values are queued, a new one replaces the oldest.
    """

    def __init__(self, max_length: int) -> None:
        """Create an empty queue."""
        self._queued: deque[tuple[Key, Value]] = deque(maxlen=max_length)
        self._changed = threading.Condition()
        self._closed = False

    def put(self, key: Key, value: Value) -> bool:
        """Add a value; returns whether it replaced the oldest one."""
        with self._changed:
            full = len(self._queued) == self._queued.maxlen
            self._queued.append((key, value))
            self._changed.notify()
            return full

    def get(self, timeout: float | None = None) -> tuple[Key, Value] | None:
        """
        Wait for a value and remove it; returns None once the queue is closed.

        Raises TimeoutError if there is none within `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._queued or self._closed, timeout):
                raise TimeoutError
            return None if self._closed else self._queued.popleft()

    def close(self) -> None:
        """Drop all queued values, and wake up the waiting thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
