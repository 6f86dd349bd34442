"""Runs of the `posenet` command and of nodes until their end, each bounded."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from ament_index_python import get_package_prefix
from torture.tally import Tally
from torture.victim import last_line, TRACEBACK

# Signals that a program gets for its own faults.
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)


@dataclass(frozen=True)
class Ended:
    """How a command ended; `exit_code` is None if it had to be killed."""

    exit_code: int | None
    printed: str
    seconds: float

    def judge(self, tally: Tally, what: str, *, allowed: Sequence[int]) -> bool:
        """Return whether it ended as it should; if not, remember a failure."""
        if TRACEBACK in self.printed:
            tally.tracebacks += 1
            tally.fail(f'{what}: traceback: {last_line(self.printed)}')
        elif self.exit_code not in allowed:
            # A shell reports a program that was ended by a signal as 128 + its number.
            code = abs(self.exit_code or 0)
            tally.crashes += code in _CRASHES or code - 128 in _CRASHES
            tally.fail(f'{what}: exit code {self.exit_code}: {self.printed[-300:]!r}')
        else:
            return True
        return False


def posenet_command(*arguments: str | Path) -> list[str]:
    """Return the command line of the `posenet` command."""
    path = Path(get_package_prefix('posenet_ros')) / 'bin' / 'posenet'
    return [sys.executable, str(path), *map(str, arguments)]


def run_bounded(
    command: Sequence[str | Path],
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command with its descendants, and kill them if it does not end in time."""
    start = time.monotonic()
    # A pipe and not a file, to which a limit of the file size would apply.
    process = subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    exit_code: int | None = None
    try:
        process.communicate(timeout=seconds)
        exit_code = process.returncode
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        printed = process.communicate()[0]
    text = printed.decode(errors='replace')
    return Ended(exit_code, text, round(time.monotonic() - start, 2))
