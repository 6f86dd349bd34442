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
from xml.etree import ElementTree

from posenet_ros.errors import SettingError

#: Where Fast DDS keeps its segments.
FOLDER = Path('/dev/shm')

#: Fast DDS 2 reads the first of these environment variables, Fast DDS 3 the second. In Kilted and
#: newer, rmw_fastrtps still reads the first one, and warns that it is deprecated.
PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')

#: Size of a segment without a profile, in bytes.
DEFAULT_SEGMENT = 512 * 1024

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


def find_profile(environment: Mapping[str, str]) -> Path | None:
    """Return the path of the XML profile that the environment sets; None if it sets none."""
    names = (environment.get(variable) for variable in PROFILE_VARIABLES)
    return next((Path(name) for name in names if name), None)


def profile_variables(environment: Mapping[str, str], profile: str) -> dict[str, str]:
    """
    Return the variables to add to an environment so that Fast DDS reads a profile.

    A profile that the environment already sets is kept. If no distribution is sourced, both
    variables are returned, because the release of Fast DDS is not known.
    """
    first, second = PROFILE_VARIABLES
    if first in environment:
        return {}
    wanted = environment.get(second, profile)
    # Jazzy is the last distribution with Fast DDS 2.
    names = PROFILE_VARIABLES if environment.get('ROS_DISTRO', '') in ('', 'jazzy') else (second,)
    return {name: wanted for name in names if name not in environment}


def read_segment_size(profile: Path) -> int:
    """
    Return the largest size of a segment in a profile, in bytes.

    Raises SettingError if the profile cannot be read; Fast DDS then uses its defaults.
    """
    try:
        root = ElementTree.parse(profile).getroot()
        sizes = [
            int(element.text or '')
            for element in root.iter()
            if element.tag.rpartition('}')[2] == 'segment_size'
        ]
    except (OSError, ElementTree.ParseError, ValueError, LookupError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise SettingError(
            f'cannot read the Fast DDS profile {profile}: {reason}; correct '
            f'{" and ".join(PROFILE_VARIABLES)}, or the file'
        ) from error
    return max(sizes, default=DEFAULT_SEGMENT)


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
    profile = find_profile(environment)
    if profile is None:
        return None
    try:
        wanted = read_segment_size(profile)
    except SettingError as error:
        return (
            f'{error}; until then, images larger than {_megabytes(DEFAULT_SEGMENT)} may get lost'
        )
    got = largest_own_segment()
    if got >= wanted:
        return None
    return (
        f'images may get lost: Fast DDS has {_megabytes(got)} of shared memory instead of the '
        f'{_megabytes(wanted)} in {profile}. {_describe_space()}; {_REMEDY}'
    )


def exit_if_full() -> None:
    """
    Exit with code 1 and a message if /dev/shm is full; call it before importing rclpy.

    LTTng-UST, which tracetools of Jazzy load when rclpy is imported, creates two files of 4 kB
    without checking whether there is space, and the kernel then ends the process with SIGBUS. If
    they exist, Fast DDS continues without shared memory.
    """
    space = measure_space()
    traced = any(FOLDER.glob('lttng-ust-wait-*'))
    if space is not None and space.free < _MIN_FREE and not traced:
        sys.exit(f'posenet_ros: cannot start: {_describe_space()}; {_REMEDY}')


def describe(environment: Mapping[str, str]) -> list[str]:
    """Return lines about the shared memory for Fast DDS; those about problems say so."""
    space, profile = measure_space(), find_profile(environment)
    lines = [f'shared memory: {_describe_space()}']
    if profile is None:
        size = _megabytes(DEFAULT_SEGMENT)
        return [*lines, f'Fast DDS profile: none, so images larger than {size} may get lost']
    try:
        wanted = read_segment_size(profile)
    except SettingError as error:
        return [*lines, f'PROBLEM: {error}']
    lines.append(f'Fast DDS profile: {_megabytes(wanted)} for each process, from {profile}')
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
