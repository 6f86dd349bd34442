"""
Two network namespaces on this machine, joined by a cable, in place of two hosts.

All traffic stays between the namespaces. It needs root, and `ip` and `tc` of iproute2.
"""

from collections.abc import Mapping
import contextlib
import os
from pathlib import Path
import secrets
import shutil
import signal
import subprocess
from types import TracebackType

_PREFIX = 'posenet'
#: Addresses of the two ends; the network 198.18.0.0/15 is reserved for tests (RFC 2544).
_ADDRESSES = {'camera': '198.18.0.1/30', 'node': '198.18.0.2/30'}
# Loss per packet of the network, thus before the kernel puts the fragments of a datagram together.
_LOSS_CHAIN = '{ type filter hook prerouting priority -500; }'


class TwoNetworks:
    """Namespaces `camera` and `node`; use it in a with statement, which removes them."""

    def __init__(self) -> None:
        """Choose names with the process id, which others may have in another PID namespace."""
        token = secrets.token_hex(3)
        self._names = {end: f'{_PREFIX}_{os.getpid()}_{token}_{end}' for end in _ADDRESSES}

    def __enter__(self) -> 'TwoNetworks':
        """Create the namespaces; raises CalledProcessError if that is not permitted."""
        _remove_orphans()
        try:
            self._create()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes in the namespaces, and remove the namespaces."""
        self._remove()

    def command(self, end: str, *words: object) -> list[str]:
        """Return a command that runs another one at an end."""
        return ['ip', 'netns', 'exec', self._names[end], *map(str, words)]

    def limit(self, megabits: int | None) -> None:
        """Limit the link to that many Mbit/s in each direction; None removes the limit."""
        for end in _ADDRESSES:
            remove = self.command(end, 'tc', 'qdisc', 'del', 'dev', 'cable', 'root')
            subprocess.run(remove, capture_output=True)  # fails if there is none
            if megabits is not None:
                # A burst of 10 ms, and a queue of 50 ms, as in switches.
                burst = f'{megabits * 1250}b'
                limit = ('tbf', 'rate', f'{megabits}mbit', 'burst', burst, 'latency', '50ms')
                _run(*self.command(end, 'tc', 'qdisc', 'add', 'dev', 'cable', 'root', *limit))

    def lose(self, percent: int) -> None:
        """Lose a share of the UDP packets that arrive at the node's end; 0 loses none."""
        nft = self.command('node', 'nft')
        subprocess.run([*nft, 'delete', 'table', 'inet', 'loss'], capture_output=True)
        if percent:
            _run(*nft, 'add', 'table', 'inet', 'loss')
            _run(*nft, 'add', 'chain', 'inet', 'loss', 'arriving', _LOSS_CHAIN)
            rule = f'meta l4proto udp numgen random mod 100 < {percent} drop'
            _run(*nft, 'add', 'rule', 'inet', 'loss', 'arriving', rule)

    def set_kernel(self, settings: Mapping[str, int]) -> None:
        """Change kernel settings of the node's end, by the names that sysctl uses."""
        for name, value in settings.items():
            _run(*self.command('node', 'sysctl', '-q', f'{name}={value}'))

    def _create(self) -> None:
        camera, node = self._names.values()
        for name in (camera, node):
            _run('ip', 'netns', 'add', name)
        cable = ('type', 'veth', 'peer', 'name', 'cable', 'netns', node)
        _run('ip', 'link', 'add', 'cable', 'netns', camera, *cable)
        for end, address in _ADDRESSES.items():
            ip = ('ip', '-n', self._names[end])
            _run(*ip, 'address', 'add', address, 'dev', 'cable')
            for device in ('lo', 'cable'):
                _run(*ip, 'link', 'set', device, 'up')
            _run(*ip, 'route', 'add', '239.0.0.0/8', 'dev', 'cable')  # multicast, for discovery

    def _remove(self) -> None:
        for name in self._names.values():
            _remove_namespace(name)


def missing_tools() -> list[str]:
    """Return why the namespaces cannot be created or packets lost; empty if all is there."""
    missing = [] if os.geteuid() == 0 else ['root privileges']
    return missing + [tool for tool in ('ip', 'tc') if shutil.which(tool) is None]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _remove_namespace(name: str) -> None:
    found = subprocess.run(['ip', 'netns', 'pids', name], capture_output=True, text=True)
    for process_id in found.stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process_id), signal.SIGKILL)
    subprocess.run(['ip', 'netns', 'delete', name], capture_output=True)


def _remove_orphans() -> None:
    """Remove the namespaces of processes that were killed."""
    for path in Path('/run/netns').glob(f'{_PREFIX}_*_*_*'):
        process_id = path.name.split('_')[1]
        if process_id.isdecimal() and not Path('/proc', process_id).exists():
            _remove_namespace(path.name)
