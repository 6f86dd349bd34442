"""Signals that arrive in the middle of something."""

import signal
import threading
from types import FrameType
from typing import NoReturn


class MainThreadInterruption:
    """Raises KeyboardInterrupt in the main thread, when another thread asks for it."""

    def __init__(self) -> None:
        self._arrived = threading.Event()

    def _handle(self, number: int, frame: FrameType | None) -> NoReturn:
        self._arrived.set()
        raise KeyboardInterrupt

    def __enter__(self) -> 'MainThreadInterruption':
        self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def send(self) -> None:
        """Interrupt the main thread, and wait until it is interrupted."""
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert self._arrived.wait(timeout=60)
