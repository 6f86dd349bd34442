"""Reading ahead in a thread, while the items before are processed."""

from collections.abc import Generator, Iterator
import contextlib
import queue
import threading
from typing import Any, TypeVar

_Item = TypeVar('_Item')

_END = object()


def read_ahead(items: Iterator[_Item], *, depth: int) -> Generator[_Item, None, None]:
    """
    Return items in their order, up to `depth` of which a thread has read ahead.

    An exception of the iterator is raised here, after the items before it. When the result is
    closed, the thread ends after the item that it is reading.
    """
    waiting: queue.Queue[Any] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_read, args=(items, waiting, stopped), daemon=True)
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
    finally:
        stopped.set()
        while thread.is_alive():
            with contextlib.suppress(queue.Empty):
                waiting.get(timeout=0.1)  # there must be space for what the thread has read
        thread.join()


def _read(items: Iterator[object], waiting: 'queue.Queue[Any]', stopped: threading.Event) -> None:
    try:
        for item in items:
            if stopped.is_set():
                return
            waiting.put((item, None))
    except BaseException as error:  # it is raised by the consumer
        waiting.put((None, error))
    else:
        waiting.put((_END, None))
