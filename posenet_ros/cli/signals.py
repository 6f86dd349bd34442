"""Handling of signals in the `posenet` command."""

import signal


def interrupt_on_sigterm() -> None:
    """Make SIGTERM raise KeyboardInterrupt, as Ctrl-C does, so that the command cleans up."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
