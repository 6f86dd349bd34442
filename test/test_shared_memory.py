"""The shared memory of Fast DDS: the profile, the space, and the segment of this process."""

from collections.abc import Iterator
import fcntl
from pathlib import Path

from golden import ROOT
import pytest

from posenet_ros import shared_memory
from posenet_ros.errors import SettingError
from posenet_ros.shared_memory import (
    DEFAULT_SEGMENT,
    describe,
    exit_if_full,
    find_profile,
    find_shortage,
    largest_own_segment,
    measure_space,
    PROFILE_VARIABLES,
    profile_variables,
    read_segment_size,
    Space,
)

PROFILE = ROOT / 'config' / 'fastdds_images.xml'
MEGABYTE = 2**20
FASTRTPS, FASTDDS = PROFILE_VARIABLES
IN_FORCE = {PROFILE_VARIABLES[0]: str(PROFILE)}


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


@pytest.mark.parametrize('variable', PROFILE_VARIABLES)
def test_either_variable_sets_the_profile(variable: str) -> None:
    assert find_profile({variable: '/a.xml'}) == Path('/a.xml')


def test_an_empty_variable_sets_no_profile() -> None:
    assert find_profile(dict.fromkeys(PROFILE_VARIABLES, '')) is None


@pytest.mark.parametrize(
    ('environment', 'added'),
    [
        ({}, {FASTRTPS: 'ours', FASTDDS: 'ours'}),
        ({'ROS_DISTRO': 'jazzy'}, {FASTRTPS: 'ours', FASTDDS: 'ours'}),
        ({'ROS_DISTRO': 'kilted'}, {FASTDDS: 'ours'}),
    ],
)
def test_a_profile_is_set_by_the_variables_that_cause_no_warning(
    environment: dict[str, str], added: dict[str, str]
) -> None:
    assert profile_variables(environment, 'ours') == added


@pytest.mark.parametrize(
    ('environment', 'added'),
    [
        ({FASTRTPS: 'mine'}, {}),
        ({FASTRTPS: ''}, {}),
        ({FASTRTPS: 'mine', 'ROS_DISTRO': 'kilted'}, {}),
        ({FASTDDS: 'mine', 'ROS_DISTRO': 'kilted'}, {}),
        # Jazzy reads only the other variable.
        ({FASTDDS: 'mine', 'ROS_DISTRO': 'jazzy'}, {FASTRTPS: 'mine'}),
    ],
)
def test_a_profile_that_the_user_has_set_is_kept(
    environment: dict[str, str], added: dict[str, str]
) -> None:
    assert profile_variables(environment, 'ours') == added


def test_four_processes_with_the_profile_of_this_package_fit_in_64_megabytes() -> None:
    assert 4 * 1.05 * read_segment_size(PROFILE) < 64 * MEGABYTE


def test_two_images_of_1920x1080_fit_in_a_segment_of_the_profile() -> None:
    assert read_segment_size(PROFILE) > 2 * 1920 * 1080 * 3


def test_a_profile_without_a_segment_size_leaves_the_default(tmp_path: Path) -> None:
    (tmp_path / 'a.xml').write_text('<profiles/>')
    assert read_segment_size(tmp_path / 'a.xml') == DEFAULT_SEGMENT


@pytest.mark.parametrize(
    'text',
    [
        '<profiles><tra',
        '',
        '<a><segment_size>much</segment_size></a>',
        '<a><segment_size/></a>',
        '<?xml version="1.0" encoding="unheard-of"?><a/>',
        None,
    ],
)
def test_a_profile_that_cannot_be_read_is_reported_with_its_path(
    tmp_path: Path, folder: Path, text: str | None
) -> None:
    path = tmp_path / 'a.xml'
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingError, match=f'cannot read the Fast DDS profile {path}: '):
        read_segment_size(path)
    environment = {PROFILE_VARIABLES[0]: str(path)}
    assert f'profile {path}' in (find_shortage(environment) or '')
    assert f'PROBLEM: cannot read the Fast DDS profile {path}' in describe(environment)[-1]


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


def test_a_program_starts_without_space_if_the_files_that_need_it_exist(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_space(monkeypatch, Space(64 * MEGABYTE, 0))
    (folder / 'lttng-ust-wait-8').touch()
    exit_if_full()
