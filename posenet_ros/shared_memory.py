"""
The shared memory that Fast DDS passes images through: what it asks for, and what it gets.

Each DDS participant, usually one per process, reserves a segment in /dev/shm. Its size is in an
XML profile. If there is too little space for it, Fast DDS continues with a segment of its default
size, which is too small for most images.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import os
from pathlib import Path
import re
import sys

from posenet_ros.errors import SettingError
from posenet_ros.fastdds_profile import DEFAULT_SEGMENT, find_profile

#: Where Fast DDS keeps its segments.
FOLDER = Path('/dev/shm')

# A segment takes up to this many times the size in the profile (measured with Fast DDS 2.14).
_OVERHEAD = 1.05
# Below this, even importing rclpy may fail, in bytes.
_MIN_FREE = 16 * 1024
# The process that created a segment holds an exclusive lock on a file of this name.
_LOCK_FILE = re.compile(r'(fastrtps|fastdds)_[0-9a-f]{16}_el')


@dataclass(frozen=True)
class Space:
    """Size of a file system and the free part of it, in bytes."""

    total: int
    free: int


def measure_space() -> Space | None:
    """Return the space in /dev/shm, or None if this machine has no such folder."""
    try:
        found = os.statvfs(FOLDER)
    except OSError:
        return None
    return Space(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)


def largest_own_segment() -> int:
    """Return the size of the largest segment that this process has created; 0 if it has none."""
    try:
        descriptors = os.listdir('/proc/self/fd')
    except OSError:  # not on Linux
        return 0
    return max(map(_segment_size, descriptors), default=0)


def find_shortage(environment: Mapping[str, str]) -> str | None:
    """
    Return why images will get lost in this process, with the remedy; None if none will.

    Call it after the participant has been created. It assumes that the middleware is Fast DDS.
    """
    try:
        profile = find_profile(environment)
    except SettingError as error:
        return (
            f'{error}; until then, images larger than {_megabytes(DEFAULT_SEGMENT)} may get lost'
        )
    if profile is None:
        return None
    got, wanted = largest_own_segment(), profile.segment_size
    # A profile that sets no size counts like no profile.
    if wanted is None or wanted == DEFAULT_SEGMENT or got >= wanted:
        return None
    return (
        f'images may get lost: Fast DDS has {_megabytes(got)} of shared memory instead of the '
        f'{_megabytes(wanted)} in {profile.path}. {_describe_space()}; {_REMEDY}'
    )


def exit_if_full() -> None:
    """
    Exit with code 1 and a message if /dev/shm is full; call it before importing rclpy.

    LTTng-UST, which tracetools of Jazzy load when rclpy is imported, creates two files of 4 kB
    without checking whether there is space, and the kernel then ends the process with SIGBUS. If
    they exist and are not empty, Fast DDS continues without shared memory.
    """
    space = measure_space()
    if space is not None and space.free < _MIN_FREE and not _has_tracing_files():
        sys.exit(f'posenet_ros: cannot start: {_describe_space()}; {_REMEDY}')


def describe(environment: Mapping[str, str]) -> list[str]:
    """Return lines about the shared memory for Fast DDS; those about problems say so."""
    space = measure_space()
    lines = [f'shared memory: {_describe_space()}']
    try:
        profile = find_profile(environment)
    except SettingError as error:
        return [*lines, f'PROBLEM: {error}']
    if profile is None:
        size = _megabytes(DEFAULT_SEGMENT)
        return [*lines, f'Fast DDS profile: none, so images larger than {size} may get lost']
    wanted = profile.segment_size
    if wanted is None:
        return [*lines, f'Fast DDS profile: uses no shared memory, from {profile.path}']
    lines.append(f'Fast DDS profile: {_megabytes(wanted)} for each process, from {profile.path}')
    if space is None or space.free < wanted * _OVERHEAD:
        lines.append(
            f'PROBLEM: {FOLDER} has no room for {_megabytes(wanted)}, so images may get lost; '
            f'{_REMEDY}'
        )
    return lines


_REMEDY = (
    'enlarge it (docker run --shm-size=256m, or --ipc=host; in Compose, shm_size or ipc: host), '
    'remove what dead processes left there (fastdds shm clean), or lower segment_size in the '
    'profile; then restart all processes (README, "Lost images")'
)


def _describe_space() -> str:
    space = measure_space()
    if space is None:
        return f'{FOLDER} does not exist'
    return f'{FOLDER} has {_megabytes(space.total)}, {_megabytes(space.free)} of it free'


def _has_tracing_files() -> bool:
    """
    Return whether both files of LTTng-UST, all users' and this user's, have their memory.

    A process that ended with SIGBUS leaves files with a size but without memory.
    """
    own_files = FOLDER.glob(f'lttng-ust-wait-*-{os.getuid()}')
    pairs = ((own, own.with_name(own.name.rpartition('-')[0])) for own in own_files)
    return any(all(map(_has_memory, pair)) for pair in pairs)


def _has_memory(path: Path) -> bool:
    try:
        return path.stat().st_blocks > 0
    except OSError:
        return False


def _segment_size(descriptor: str) -> int:
    """Return the size of the segment whose lock this process holds by a descriptor, or else 0."""
    try:
        lock = Path(os.readlink(f'/proc/self/fd/{descriptor}'))
        if lock.parent != FOLDER or not _LOCK_FILE.fullmatch(lock.name):
            return 0
        # Another process's segment may be open, too, but only its creator holds the lock.
        if 'FLOCK' not in Path('/proc/self/fdinfo', descriptor).read_text():
            return 0
        return lock.with_name(lock.name.removesuffix('_el')).stat().st_size
    except OSError:  # closed in the meantime
        return 0


def _megabytes(size: int) -> str:
    return f'{size / 2**20:.{1 if size < 2**20 else 0}f} MB'
