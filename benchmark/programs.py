"""Processes that take part in a measurement, and what they use of the machine."""

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

_HERE = Path(__file__).parent
# Seconds that a program has to end.
_PATIENCE = 20.0
# A benchmark meets neither a demo (51 to 101) nor a test (1 to 50). The domains between here and
# there take ports that Linux hands out to others.
_DOMAIN = 215 + os.getpid() % 18


@dataclass(frozen=True)
class Usage:
    """What a process has used since its start, and holds now."""

    cpu_seconds: float
    resident_mb: float


class Program:
    """A program in a process of its own; use it in a with statement."""

    def __init__(self, command: Sequence[object], *, talks: bool = False) -> None:
        """Start; one that `talks` is asked on its standard input and answers on its output."""
        self._output = tempfile.TemporaryFile('a+')  # noqa: SIM115  (closed by __exit__)
        pipe = subprocess.PIPE if talks else None
        self._process = subprocess.Popen(
            [str(word) for word in command],
            env={
                **os.environ,
                'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
                'ROS_DOMAIN_ID': str(_DOMAIN),
                # With the time, which tells when the node was ready.
                'RCUTILS_CONSOLE_OUTPUT_FORMAT': '[{severity}] [{time}] [{name}]: {message}',
            },
            stdin=pipe,
            stdout=pipe or self._output,
            stderr=self._output,
            text=True,
        )

    def __enter__(self) -> 'Program':
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the program, by itself where it can: a killed one leaves shared memory behind."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        else:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            print(f'{self._process.args!r} did not end in {_PATIENCE:.0f} s and is killed')
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._output.close()

    def ask(self, question: dict[str, Any]) -> None:
        """Send a line to a program that talks."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + '\n')
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Wait for a line from a program that talks; raises RuntimeError when it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f'a program has ended; it printed: {self.printed()}')
        return json.loads(line)

    def usage(self) -> Usage:
        """Return what the process uses."""
        folder = Path('/proc') / str(self._process.pid)
        # Behind the name, which may hold blanks: fields 14 and 15 of proc(5), utime and stime.
        fields = (folder / 'stat').read_text().rpartition(')')[2].split()
        ticks = int(fields[11]) + int(fields[12])
        pages = int((folder / 'statm').read_text().split()[1])
        return Usage(
            cpu_seconds=ticks / os.sysconf('SC_CLK_TCK'),
            resident_mb=pages * os.sysconf('SC_PAGE_SIZE') / 1e6,
        )

    def printed(self) -> str:
        """Return all that the program has printed so far, but its answers."""
        self._output.seek(0)
        return self._output.read()


def node(topics: Sequence[str], *parameters: str) -> Program:
    """Start posenet_node, the program that is installed, for some image topics."""
    path = Path(get_package_prefix('posenet_ros')) / 'lib' / 'posenet_ros' / 'posenet_node'
    arguments = [f'image_topics:=[{",".join(topics)}]', *parameters]
    options = [word for argument in arguments for word in ('-p', argument)]
    return Program([sys.executable, path, '--ros-args', *options])


def feeder(width: int, height: int, topics: Sequence[str]) -> Program:
    """Start a feeder; its first answer comes when all topics have subscribers."""
    return Program([sys.executable, _HERE / 'feeder.py', f'{width}x{height}', *topics], talks=True)


def listener(kind: str, path: Path, topics: Sequence[str]) -> Program:
    """Start a listener."""
    return Program([sys.executable, _HERE / 'listener.py', kind, path, *topics])
