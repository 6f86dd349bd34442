"""SIGINT (Ctrl-C) and SIGTERM in the `posenet` command. This module imports only `signal`."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
import signal
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

# As shells do, the exit code is this plus the number of the signal.
_EXIT_CODE_BASE = 128


class Interruption:
    """Whether a signal has interrupted the command."""

    def __init__(self) -> None:
        """Begin without a signal."""
        #: The exit code after a signal, 130 or 143; None if there was none.
        self.exit_code: int | None = None

    def interrupt(self, number: int, _: FrameType | None) -> NoReturn:
        """Remember a signal, and raise KeyboardInterrupt, so that the command cleans up."""
        self.exit_code = _EXIT_CODE_BASE + number
        raise KeyboardInterrupt


def exit_on_signals() -> None:
    """
    Make the signals end the process at once, while there is nothing to clean up.

    The exit code is 130 or 143. A signal that is ignored, as by nohup, stays ignored.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _exit)


@contextmanager
def interruption() -> Iterator[Interruption]:
    """
    Make the signals raise KeyboardInterrupt during the block.

    Libraries may turn that into another exception, so the caller must check whether the
    `Interruption` has an exit code.
    """
    made = Interruption()
    handled = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, made.interrupt) for number in handled}
    try:
        yield made
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    os._exit(_EXIT_CODE_BASE + number)
