"""Reading and writing in threads of their own, so that both overlap with what is between them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
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
        self._thread = _Thread(lambda: self._read(items), name='posenet read')

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
        """
        End the thread, which finishes the item that it is reading.

        KeyboardInterrupt is raised only after that, so that the caller may then close the source.
        """
        self._thread.join(request=self._closed.set)

    def _read(self, items: Iterable[_Item]) -> None:
        try:
            for item in items:
                if not self._put(item):
                    return
        except BaseException as error:  # raised in the thread that iterates
            self._error = error
        self._put(_END)

    def _put(self, item: Any) -> bool:
        """Add an item to the queue, and return whether it is still wanted."""
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=_CHECK)
                return True
            except queue.Full:
                pass
        return False


class WriteBehind(Generic[_Item]):
    """Passes items to a function that runs in a thread."""

    def __init__(
        self, write: Callable[[_Item], None], *, finish: Callable[[], None] = lambda: None
    ) -> None:
        """
        Start the thread; `close` must be called.

        The thread calls `finish` after the last item, unless writing an item failed.
        """
        self._write = write
        self._finish = finish
        self._queue: queue.Queue[Any] = queue.Queue(_DEPTH)
        self._error: BaseException | None = None
        self._thread = _Thread(self._run, name='posenet write')

    def put(self, item: _Item) -> None:
        """Pass an item on, and wait while the queue is full; raises what the function raised."""
        while not self._thread.has_ended:
            try:
                self._queue.put(item, timeout=_CHECK)
                return
            except queue.Full:
                pass
        self._raise()

    def close(self) -> None:
        """
        Wait until all items are written and finished, and end the thread; raises as `put` does.

        KeyboardInterrupt is raised only after that, so nothing that was put is lost. Its cause is
        what the function raised.
        """
        try:
            self._thread.join(request=self._request_end)
        except KeyboardInterrupt as interruption:
            raise interruption from self._error
        self._raise()

    def _request_end(self) -> None:
        with suppress(queue.Full):
            self._queue.put(_END, timeout=_CHECK)

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while (item := self._queue.get()) is not _END:
                self._write(item)
            self._finish()
        except BaseException as error:  # raised in the thread that puts
            self._error = error


class _Thread:
    """
    A thread whose end can be waited for while signals arrive.

    This is not safe with `threading.Thread.join` of Python 3.10 to 3.12: if KeyboardInterrupt
    interrupts it, the thread counts as ended although it still runs. Python 3.13 does not need
    this.
    """

    def __init__(self, run: Callable[[], None], *, name: str) -> None:
        self._run = run
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run_to_end, name=name, daemon=True)
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    def join(self, *, request: Callable[[], None]) -> None:
        """
        Request the end until the thread has ended.

        Raises KeyboardInterrupt only after that, also if it comes earlier.
        """
        interruption: KeyboardInterrupt | None = None
        while True:
            try:
                if self._ended.is_set():
                    break
                request()
                self._ended.wait(_CHECK)
            except KeyboardInterrupt as error:
                interruption = error
        self._thread.join()  # which has nothing left to do
        if interruption is not None:
            raise interruption

    def _run_to_end(self) -> None:
        try:
            self._run()
        finally:
            self._ended.set()
