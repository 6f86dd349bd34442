"""Programs under strace: the files that they create, write or remove, and their sockets."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess

import pytest

_CALLS = (
    'open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat,'
    'symlink,symlinkat,truncate,socket,connect,bind,sendto,sendmsg'
)
_SENDING = {'connect', 'sendto', 'sendmsg'}
_CALL = re.compile(r'\d+ +(\w+)\((.*)')
_PEER = re.compile(
    r'sin6?_port=htons\((\d+)\),[^}]*?(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]*)"'
)
_PATIENCE = 60.0


@dataclass(frozen=True)
class Trace:
    """What a program and its children did."""

    #: Paths that were created, opened for writing, renamed or removed.
    written: frozenset[str]
    #: Families and types of sockets, such as 'AF_INET SOCK_DGRAM'.
    sockets: frozenset[str]
    #: (address, port) of the Internet to which a socket was connected or a packet was sent.
    peers: frozenset[tuple[str, int]]
    #: Paths of the sockets of other processes to which it connected.
    local_peers: frozenset[str]


class TracedProgram:
    """A program that runs under strace."""

    def __init__(self, process: 'subprocess.Popen[bytes]', file: Path) -> None:
        self._process = process
        self._file = file

    def interrupt(self) -> int:
        """Send SIGINT to the program, not to strace, and return the exit code."""
        children = Path(f'/proc/{self._process.pid}/task/{self._process.pid}/children')
        for child in children.read_text().split():
            os.kill(int(child), signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        return self._process.wait(_PATIENCE)

    def trace(self) -> Trace:
        """Return what the program did; it must have ended."""
        return _parse(self._file.read_text(errors='replace'))


@contextmanager
def traced(
    command: Sequence[object], folder: Path, environment: dict[str, str]
) -> Iterator[TracedProgram]:
    """Run a program under strace; skips the test if strace is missing or not permitted."""
    _skip_unless_permitted()
    file = folder / 'strace.txt'
    strace = ['strace', '-f', '-qq', '-s', '4096', '-e', f'trace={_CALLS}', '-o', str(file)]
    process = subprocess.Popen(
        [*strace, *map(str, command)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=(folder / 'output.txt').open('w'),
        stderr=subprocess.STDOUT,
    )
    program = TracedProgram(process, file)
    try:
        yield program
    finally:
        if process.poll() is None:
            program.interrupt()


def _skip_unless_permitted() -> None:
    if shutil.which('strace') is None:
        pytest.skip('strace is not installed')
    probe = subprocess.run(['strace', '-qq', 'true'], capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f'strace is not permitted here: {probe.stderr.splitlines()[-1]}')


def _parse(text: str) -> Trace:
    calls = [found.groups() for found in map(_CALL.match, text.splitlines()) if found]
    done = [(name, rest) for name, rest in calls if ' = -1 ' not in rest]
    network = ' '.join(rest for name, rest in done if name in _SENDING)
    return Trace(
        written=frozenset(path for name, rest in done for path in _written(name, rest)),
        sockets=frozenset(_socket(rest) for name, rest in done if name == 'socket'),
        peers=frozenset((address, int(port)) for port, address in _PEER.findall(network)),
        local_peers=frozenset(re.findall(r'sun_path=@?"([^"]*)"', network)),
    )


def _written(name: str, rest: str) -> list[str]:
    """Return the paths that a call may have changed."""
    paths = re.findall(r'"([^"]*)"', rest)
    if name in {'open', 'openat'}:
        return paths[:1] if re.search(r'O_(WRONLY|RDWR|CREAT)', rest) else []
    return [] if name == 'socket' or name in _SENDING or name == 'bind' else paths


def _socket(rest: str) -> str:
    family, kind, *_ = rest.split(', ')
    return f'{family} {kind.partition("|")[0]}'
