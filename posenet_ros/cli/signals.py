"""SIGINT (Ctrl-C) and SIGTERM in the `posenet` command, while it works."""

from collections.abc import Iterator
from contextlib import contextmanager
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
