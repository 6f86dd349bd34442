"""
Start, query and stop the programs that take part in a measurement.

Input: a command, and lines for a program that reads them. Output: the lines it returns, what it
printed, and the CPU time and memory it used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
from typing import Any

from ament_index_python import get_package_prefix

_PROGRAMS = Path(__file__).parent
# Seconds within which a program must end.
_PATIENCE = 20.0
# Tests use the domains 1 to 50, also for the programs here, and the demo 51 to 101. The domains
# from 102 to 214 use ports that Linux assigns to other sockets.
_DOMAIN_OF_TESTS = 'POSENET_TEST_DOMAIN'
_DOMAIN = str(215 + os.getpid() % 18)


@dataclass(frozen=True)
class Usage:
    """The CPU time of a process since its start, and the memory it holds now."""

    cpu_seconds: float
    resident_mb: float


class Program:
    """A program in a separate process; use it in a with statement."""

    def __init__(self, command: Sequence[object], *, interactive: bool = False) -> None:
        """Start it; an interactive one reads lines of JSON from us and returns lines of JSON."""
        self._output = tempfile.TemporaryFile('a+')  # noqa: SIM115  (closed by __exit__)
        pipe = subprocess.PIPE if interactive else None
        self._process = subprocess.Popen(
            [str(word) for word in command],
            env=_environment(),
            stdin=pipe,
            stdout=pipe or self._output,
            stderr=self._output,
            text=True,
        )

    def __enter__(self) -> 'Program':
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the program; killing it, if it does not end, leaves shared memory behind."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        else:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            print(f'{self._process.args!r} did not end within {_PATIENCE:.0f} s; killing it')
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._output.close()

    def send(self, message: dict[str, Any]) -> None:
        """Send a line to an interactive program."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + '\n')
        self._process.stdin.flush()

    def receive(self) -> Any:
        """Wait for a line from an interactive program; raises RuntimeError if it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f'{self._process.args!r} has ended; it printed: {self.printed()}')
        return json.loads(line)

    def usage(self) -> Usage:
        """Return the CPU time and memory of the process."""
        folder = Path('/proc') / str(self._process.pid)
        # proc(5): utime and stime are fields 14 and 15. The name before them may contain spaces.
        fields = (folder / 'stat').read_text().rpartition(')')[2].split()
        ticks = int(fields[11]) + int(fields[12])
        pages = int((folder / 'statm').read_text().split()[1])
        return Usage(
            cpu_seconds=ticks / os.sysconf('SC_CLK_TCK'),
            resident_mb=pages * os.sysconf('SC_PAGE_SIZE') / 1e6,
        )

    def printed(self) -> str:
        """Return what the program has printed so far, without the lines for `receive`."""
        self._output.seek(0)
        return self._output.read()


def _environment() -> dict[str, str]:
    """Return an environment with the benchmark's modules, and ROS restricted to this machine."""
    inherited = os.environ.get('PYTHONPATH')
    return {
        **os.environ,
        'PYTHONPATH': os.pathsep.join(filter(None, [inherited, str(_PROGRAMS.parent)])),
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'ROS_DOMAIN_ID': os.environ.get(_DOMAIN_OF_TESTS, _DOMAIN),
        # The time in a log line shows when the node was ready.
        'RCUTILS_CONSOLE_OUTPUT_FORMAT': '[{severity}] [{time}] [{name}]: {message}',
    }


def start_node(topics: Sequence[str], *parameters: str) -> Program:
    """Start the installed posenet_node on some image topics, with parameters as `name:=value`."""
    path = Path(get_package_prefix('posenet_ros')) / 'lib' / 'posenet_ros' / 'posenet_node'
    arguments = [f'image_topics:=[{",".join(topics)}]', *parameters]
    options = [word for argument in arguments for word in ('-p', argument)]
    return Program([sys.executable, path, '--ros-args', *options])


def start_feeder(
    width: int, height: int, topics: Sequence[str], *, people: int = 1, depth: bool = False
) -> Program:
    """
    Start a feeder of images of some people, perhaps with depth.

    Its first line comes once every topic has a subscriber.
    """
    program = _PROGRAMS / ('depth_feeder.py' if depth else 'feeder.py')
    command = [sys.executable, program, f'{width}x{height}', people, *topics]
    return Program(command, interactive=True)


def start_listener(kind: str, path: Path, topics: Sequence[str]) -> Program:
    """Start a listener to `poses`, `positions` or `images` that writes its records into a file."""
    return Program([sys.executable, _PROGRAMS / 'listener.py', kind, path, *topics])
