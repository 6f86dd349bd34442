"""SIGINT (Ctrl-C) and SIGTERM in the `posenet` command, while it works."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import os
import signal
import sys
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

# As shells do, the exit code is this plus the number of the signal.
_EXIT_CODE_BASE = 128
# The signal that ends the process at once.
_LAST = 3


class Interruption:
    """Whether a signal has interrupted the command."""

    def __init__(self) -> None:
        """Start without a signal."""
        #: The exit code after a signal, 130 or 143; None if there was none.
        self.exit_code: int | None = None
        self._count = 0

    def check(self) -> None:
        """Raise KeyboardInterrupt after a signal, which a library may have caught."""
        if self.exit_code is not None:
            raise KeyboardInterrupt

    def interrupt(self, number: int, _: FrameType | None) -> None:
        """
        Handle a signal.

        The first one raises KeyboardInterrupt, so that the command cleans up. The second one does
        not, so that the command can finish its files. The third one ends the process at once.
        """
        self._count += 1
        if self._count == 1:
            self.exit_code = _EXIT_CODE_BASE + number
            raise KeyboardInterrupt
        if self._count >= _LAST:
            os._exit(_EXIT_CODE_BASE + number)
        _print_at_once(
            'finishing the files; to end at once without them, press Ctrl-C or send a signal again'
        )


@contextmanager
def interruption() -> Iterator[Interruption]:
    """
    Make the first signal raise KeyboardInterrupt during the block.

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


def _print_at_once(message: str) -> None:
    """Print a message from a signal handler, where `print` may be running already."""
    with suppress(OSError, ValueError):
        os.write(sys.stderr.fileno(), f'posenet: {message}\n'.encode())
