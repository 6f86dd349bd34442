"""Programs under strace: the files that they create, write or remove, and their sockets."""

from collections.abc import Sequence
from contextlib import contextmanager
from collections.abc import Iterator
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
_PATIENCE = 60.0


@dataclass(frozen=True)
class Trace:
    """What the kernel did for a program and its children."""

    #: Paths that were created, opened for writing, renamed or removed.
    written: frozenset[str]
    #: Families of sockets, such as AF_INET.
    families: frozenset[str]
    #: (family, address) of connect, and of UDP packets that were sent; '' without an address.
    peers: frozenset[tuple[str, str]]


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
    written, families, peers = set(), set(), set()
    for line in text.splitlines():
        call, _, rest = line.partition('(')
        name = call.split()[-1] if call.split() else ''
        if ' = -1 ' in line or ' resumed>' in line:
            continue
        if name in {'open', 'openat'}:
            if re.search(r'O_(WRONLY|RDWR|CREAT)', rest):
                written |= set(re.findall(r'"([^"]*)"', rest)[:1])
        elif name == 'socket':
            families.add(rest.split(',')[0])
        elif name in {'connect', 'bind', 'sendto', 'sendmsg'}:
            peers |= _peers(rest) if name != 'bind' else set()
        else:
            written |= set(re.findall(r'"([^"]*)"', rest))
    return Trace(frozenset(written), frozenset(families), frozenset(peers))


def _peers(rest: str) -> set[tuple[str, str]]:
    family = re.search(r'sa_family=(\w+)', rest)
    address = re.search(
        r'inet_addr\("([^"]*)"\)|sun_path=@?"([^"]*)"|inet_pton\([^"]*"([^"]*)"', rest
    )
    if family is None:
        return set()
    return {(family[1], next(filter(None, address.groups()), '') if address else '')}
