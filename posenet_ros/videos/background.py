"""Reading and writing in threads of their own, so that both overlap with what is between them."""

from collections.abc import Callable, Iterable, Iterator
import queue
import threading
from typing import Any, Generic, TypeVar

_Item = TypeVar('_Item')

# Frames that wait in a queue. More would only take memory.
_DEPTH = 4
# Seconds between checks of whether the other side has ended.
_CHECK = 0.1
_END = object()


class ReadAhead(Generic[_Item]):
    """Iterates over items that a thread takes from an iterable in advance."""

    def __init__(self, items: Iterable[_Item], *, depth: int = _DEPTH) -> None:
        """Start the thread, which is up to `depth` items ahead; `close` must be called."""
        self._queue: queue.Queue[Any] = queue.Queue(depth)
        self._closed = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._read, args=(items,), name='posenet read', daemon=True
        )
        self._thread.start()

    def __enter__(self) -> 'ReadAhead[_Item]':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[_Item]:
        """Return the items, and raise at their place what the iterable raised."""
        while (item := self._queue.get()) is not _END:
            yield item
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End the thread, which finishes the item that it is reading."""
        self._closed.set()
        self._thread.join()

    def _read(self, items: Iterable[_Item]) -> None:
        try:
            for item in items:
                if not self._put(item):
                    return
        except BaseException as error:  # raised in the thread that iterates
            self._error = error
        self._put(_END)

    def _put(self, item: Any) -> bool:
        """Add an item to the queue, and return whether somebody still wants it."""
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=_CHECK)
                return True
            except queue.Full:
                pass
        return False


class WriteBehind(Generic[_Item]):
    """Passes items to a function that runs in a thread."""

    def __init__(self, write: Callable[[_Item], None]) -> None:
        """Start the thread; `close` must be called."""
        self._write = write
        self._queue: queue.Queue[Any] = queue.Queue(_DEPTH)
        self._error: BaseException | None = None
        self._failed = threading.Event()
        self._thread = threading.Thread(target=self._run, name='posenet write', daemon=True)
        self._thread.start()

    def put(self, item: _Item) -> None:
        """Pass an item on, and wait while the queue is full; raises what the function raised."""
        while not self._failed.is_set():
            try:
                self._queue.put(item, timeout=_CHECK)
                return
            except queue.Full:
                pass
        self._raise()

    def close(self) -> None:
        """Wait until all items are written, and end the thread; raises as `put` does."""
        while self._thread.is_alive():
            try:
                self._queue.put(_END, timeout=_CHECK)
                break
            except queue.Full:
                pass
        self._thread.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while (item := self._queue.get()) is not _END:
                self._write(item)
        except BaseException as error:  # raised in the thread that puts
            self._error = error
            self._failed.set()
