"""The standard streams of the `posenet` command: results and messages."""

import io
import os
import sys
from typing import TextIO

from posenet_ros.errors import PosenetError


class OutputError(PosenetError):
    """Standard output or a file with results cannot be written."""


def print_text(text: str) -> None:
    """Print lines to standard output at once; raises OutputError."""
    try:
        print(text, flush=True)
    except OSError as error:
        _discard(sys.stdout)
        raise OutputError(f'cannot write to standard output: {error.strerror}') from error


def prepare_streams() -> None:
    """
    Make standard output and standard error accept any text.

    Text that their encoding cannot express, such as a file name that is not UTF-8, is printed with
    escapes. If one was closed when the program started, Python has None for it: then output fails
    as with any other file that cannot be written, and messages are discarded.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), 'w')
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), 'w')
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def print_message(message: object) -> None:
    """Print an error or a warning to standard error, if that can be written."""
    try:
        print(f'posenet: {message}', file=sys.stderr)
    except OSError:
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    """Discard what was and will be printed; Python flushes it at its end, and would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
