"""
Namespaces of Linux: a process sees its own /dev/shm, other mounts and processes.

What programs leave behind disappears with the last process of the namespace. Namespaces need root,
or a kernel that lets users create user namespaces.
"""

from collections.abc import Sequence
from functools import cache
import subprocess

_OWN_PROCESSES = ['--pid', '--fork', '--kill-child', '--mount-proc']
_AS_ROOT = ['unshare', '--mount', '--propagation', 'private']
_AS_USER = [*_AS_ROOT, '--user', '--map-root-user']


@cache
def _unshare() -> Sequence[str] | None:
    """Return the command that creates namespaces, or None if that is impossible."""
    for command in (_AS_ROOT, _AS_USER):
        test = [*command, *_OWN_PROCESSES, 'mount', '-t', 'tmpfs', 'tmpfs', '/dev/shm']
        try:
            done = subprocess.run(test, capture_output=True, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return None
        if done.returncode == 0:
            return command
    return None


def can_isolate() -> bool:
    """Return whether this user can create namespaces here."""
    return _unshare() is not None


def in_own_namespace(command: Sequence[str]) -> list[str]:
    """Return a command line: a command with its own processes and /dev/shm, if possible."""
    return _mounted(command, '/dev/shm', '', _OWN_PROCESSES)


def with_disk(command: Sequence[str], folder: str, size: str) -> list[str]:
    """
    Return a command line that runs a command with an empty disk of a size mounted on a folder.

    Sizes are those of tmpfs, such as '64k'. Call it only if `can_isolate`.
    """
    return _mounted(command, folder, f'size={size}', [])


def _mounted(
    command: Sequence[str], folder: str, options: str, namespaces: Sequence[str]
) -> list[str]:
    unshare = _unshare()
    if unshare is None:
        return list(command)
    mount = 'mount -t tmpfs -o "mode=1777,$1" tmpfs "$0" && shift && exec "$@"'
    return [*unshare, *namespaces, 'sh', '-c', mount, folder, options, *command]
