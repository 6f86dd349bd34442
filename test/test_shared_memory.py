"""The shared memory of Fast DDS: the space, and the segment of this process."""

from collections.abc import Iterator
from contextlib import nullcontext
import fcntl
import os
from pathlib import Path

from golden import ROOT
import pytest

from posenet_ros import shared_memory
from posenet_ros.fastdds_profile import VARIABLES
from posenet_ros.shared_memory import (
    describe,
    exit_if_full,
    find_shortage,
    largest_own_segment,
    measure_space,
    Space,
)

PROFILE = ROOT / 'config' / 'fastdds_images.xml'
MEGABYTE = 2**20


def set_profile(path: Path) -> dict[str, str]:
    """Return the environment that sets a profile, for any version of Fast DDS."""
    return dict.fromkeys(VARIABLES.values(), str(path))


IN_FORCE = set_profile(PROFILE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that takes the place of /dev/shm."""
    monkeypatch.setattr(shared_memory, 'FOLDER', tmp_path)
    return tmp_path


def make_segment(folder: Path, size: int) -> Iterator[None]:
    """Create a segment as Fast DDS does, and hold its lock until the generator is closed."""
    path = folder / f'fastrtps_{size:016x}'
    path.write_bytes(bytes(size))
    with path.with_name(path.name + '_el').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def limit_space(monkeypatch: pytest.MonkeyPatch, space: Space | None) -> None:
    monkeypatch.setattr(shared_memory, 'measure_space', lambda: space)


def test_a_profile_that_cannot_be_read_is_reported_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / 'missing.xml'
    assert f'profile {path}' in (find_shortage(set_profile(path)) or '')
    assert f'PROBLEM: cannot read the Fast DDS profile {path}' in describe(set_profile(path))[-1]


def test_the_space_is_that_of_the_file_system() -> None:
    space = measure_space()
    assert space is not None
    assert 0 <= space.free <= space.total


def test_without_the_folder_there_is_no_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_memory, 'FOLDER', tmp_path / 'missing')
    assert measure_space() is None
    assert 'missing does not exist' in describe({})[0]


def test_the_largest_segment_that_this_process_created_counts(folder: Path) -> None:
    assert largest_own_segment() == 0
    segments = [make_segment(folder, size) for size in (10, 30, 20)]
    for segment in segments:
        next(segment)
    assert largest_own_segment() == 30
    segments[1].close()  # type: ignore[attr-defined]
    assert largest_own_segment() == 20
    for segment in segments:
        segment.close()  # type: ignore[attr-defined]


def test_the_segment_of_another_process_does_not_count(folder: Path) -> None:
    path = folder / f'fastrtps_{0:016x}'
    path.write_bytes(bytes(50))
    with path.with_name(path.name + '_el').open('w'):
        assert largest_own_segment() == 0


def test_a_segment_that_is_too_small_is_a_shortage_with_the_remedy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_space(monkeypatch, Space(64 * MEGABYTE, 3 * MEGABYTE))
    shortage = find_shortage(IN_FORCE) or ''
    for fact in ('12 MB', str(PROFILE), '64 MB, 3 MB of it free', '--shm-size', 'ipc: host'):
        assert fact in shortage


def test_a_segment_of_the_size_in_the_profile_is_no_shortage(folder: Path) -> None:
    segment = make_segment(folder, 13 * MEGABYTE)
    next(segment)
    assert find_shortage(IN_FORCE) is None
    segment.close()  # type: ignore[attr-defined]


def test_without_a_profile_there_is_no_shortage(folder: Path) -> None:
    assert find_shortage({}) is None


def test_a_profile_without_a_size_is_no_shortage(folder: Path) -> None:
    (folder / 'a.xml').write_text('<profiles/>')
    assert find_shortage(set_profile(folder / 'a.xml')) is None


def test_the_profile_for_networks_needs_no_shared_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_space(monkeypatch, Space(64 * MEGABYTE, 0))
    environment = set_profile(ROOT / 'config' / 'fastdds_network.xml')
    assert find_shortage(environment) is None
    assert 'Fast DDS profile: uses no shared memory' in describe(environment)[-1]


@pytest.mark.parametrize(('free', 'has_problem'), [(20, False), (10, True)])
def test_too_little_free_space_for_a_segment_is_a_problem_with_the_remedy(
    free: int, has_problem: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_space(monkeypatch, Space(64 * MEGABYTE, free * MEGABYTE))
    text = '\n'.join(describe(IN_FORCE))
    assert f'64 MB, {free} MB of it free' in text
    assert ('PROBLEM: ' in text) == has_problem
    assert ('--shm-size' in text) == has_problem


def test_a_program_exits_with_a_message_if_there_is_no_space_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_space(monkeypatch, Space(64 * MEGABYTE, 4096))
    with pytest.raises(SystemExit, match=r'64 MB, 0\.0 MB of it free.*--shm-size'):
        exit_if_full()
    for space in (None, Space(64 * MEGABYTE, MEGABYTE)):
        limit_space(monkeypatch, space)
        exit_if_full()


@pytest.mark.parametrize(
    ('files', 'starts'),
    [
        ({'lttng-ust-wait-8': 1, 'lttng-ust-wait-8-1000': 1}, True),
        ({'lttng-ust-wait-8': 1}, False),
        ({'lttng-ust-wait-8-1000': 1}, False),
        ({'lttng-ust-wait-8': 1, 'lttng-ust-wait-8-0': 1}, False),
        ({'lttng-ust-wait-8': 1, 'lttng-ust-wait-8-1000': 0}, False),
        ({'lttng-ust-wait-8': 0, 'lttng-ust-wait-8-1000': 1}, False),
    ],
    ids=['both', 'without its own', 'without the common', "another user's", 'hole', 'common hole'],
)
def test_a_program_starts_without_space_only_if_both_files_of_lttng_have_their_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, int], starts: bool
) -> None:
    limit_space(monkeypatch, Space(64 * MEGABYTE, 0))
    monkeypatch.setattr(os, 'getuid', lambda: 1000)
    for name, pages in files.items():
        (folder / name).write_bytes(bytes(4096 * pages))
        os.truncate(folder / name, 4096)
    with nullcontext() if starts else pytest.raises(SystemExit):
        exit_if_full()
