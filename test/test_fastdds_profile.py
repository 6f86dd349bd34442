"""The profile of Fast DDS: which one is in force, and what it says about shared memory."""

from pathlib import Path

from golden import ROOT
import pytest

from posenet_ros import fastdds_profile
from posenet_ros.errors import SettingError
from posenet_ros.fastdds_profile import (
    DEFAULT_SEGMENT,
    find_profile,
    Profile,
    profile_variables,
    read_profile,
    superfluous_variables,
    VARIABLES,
)

MEGABYTE = 2**20
IMAGES, NETWORK = (ROOT / 'config' / f'fastdds_{name}.xml' for name in ('images', 'network'))
FAST_DDS_2, FAST_DDS_3 = VARIABLES.values()
BOTH = {FAST_DDS_2: str(IMAGES), FAST_DDS_3: str(NETWORK)}


def load_library(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make a library the only one that this process seems to have loaded."""
    (folder / 'maps').write_text(f'7f00-7f01 r-xp 00000000 fe:01 42    /opt/lib/{name}\n')
    monkeypatch.setattr(fastdds_profile, 'MAPS', folder / 'maps')


@pytest.mark.parametrize(
    ('environment', 'added'),
    [
        ({}, {FAST_DDS_2: 'ours', FAST_DDS_3: 'ours'}),
        ({FAST_DDS_2: 'mine'}, {}),
        ({FAST_DDS_2: ''}, {}),
        ({FAST_DDS_3: 'mine'}, {FAST_DDS_2: 'mine'}),
    ],
)
def test_both_variables_are_set_if_no_fast_dds_is_found(
    environment: dict[str, str], added: dict[str, str]
) -> None:
    assert profile_variables(environment, 'ours') == added


@pytest.mark.parametrize(
    ('library', 'environment', 'added'),
    [
        ('libfastrtps.so', {}, {FAST_DDS_2: 'ours'}),
        ('libfastrtps.so', {FAST_DDS_2: 'mine'}, {}),
        # Fast DDS 2 reads only the other variable.
        ('libfastrtps.so', {FAST_DDS_3: 'mine'}, {FAST_DDS_2: 'mine'}),
        ('libfastdds.so', {}, {FAST_DDS_3: 'ours'}),
        ('libfastdds.so', {FAST_DDS_2: 'mine'}, {}),
        ('libfastdds.so', {FAST_DDS_3: 'mine'}, {}),
        # Another distribution was used in this shell before.
        ('libfastdds.so', {FAST_DDS_2: 'ours'}, {FAST_DDS_3: 'ours'}),
    ],
)
def test_only_the_variable_that_the_installed_fast_dds_reads_is_set(
    tmp_path: Path, library: str, environment: dict[str, str], added: dict[str, str]
) -> None:
    (tmp_path / 'lib').mkdir()
    (tmp_path / 'lib' / library).touch()
    prefixes = {'AMENT_PREFIX_PATH': f'/missing:{tmp_path}'}
    assert profile_variables({**environment, **prefixes}, 'ours') == added


def test_our_profile_is_removed_from_a_variable_that_the_installed_fast_dds_warns_of(
    tmp_path: Path,
) -> None:
    (tmp_path / 'lib').mkdir()
    (tmp_path / 'lib' / 'libfastdds.so').touch()
    prefixes = {'AMENT_PREFIX_PATH': str(tmp_path)}
    ours = {FAST_DDS_2: 'ours', FAST_DDS_3: 'ours', **prefixes}
    assert superfluous_variables(ours, 'ours') == [FAST_DDS_2]
    assert superfluous_variables({FAST_DDS_2: 'mine', **prefixes}, 'ours') == []


def size_in_images_profile() -> int:
    return read_profile(IMAGES).segment_size or 0


@pytest.mark.parametrize(
    ('library', 'path'), [('libfastrtps.so.2.14', IMAGES), ('libfastdds.so.3.2', NETWORK)]
)
def test_the_loaded_fast_dds_decides_which_variable_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, path: Path
) -> None:
    load_library(tmp_path, monkeypatch, library)
    profile = find_profile(BOTH)
    assert profile is not None
    assert profile.path == path


def test_the_variable_of_another_version_sets_no_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_library(tmp_path, monkeypatch, 'libfastrtps.so.2.14')
    assert find_profile({FAST_DDS_3: str(IMAGES)}) is None


@pytest.mark.parametrize('variable', VARIABLES.values())
def test_either_variable_sets_the_profile_if_fast_dds_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    load_library(tmp_path, monkeypatch, 'libc.so.6')
    assert find_profile({variable: str(NETWORK)}) == Profile(NETWORK, None)


@pytest.mark.parametrize('other', ['fastdds_network.xml', 'missing.xml'])
def test_the_profile_that_is_easier_to_satisfy_counts_if_fast_dds_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    monkeypatch.setattr(fastdds_profile, 'MAPS', tmp_path / 'missing')
    environment = {FAST_DDS_2: str(IMAGES), FAST_DDS_3: str(IMAGES.with_name(other))}
    expected = NETWORK if other == NETWORK.name else IMAGES
    profile = find_profile(environment)
    assert profile is not None
    assert profile.path == expected


def test_an_empty_variable_sets_no_profile() -> None:
    assert find_profile(dict.fromkeys(VARIABLES.values(), '')) is None


def test_four_processes_with_the_profile_of_this_package_fit_in_64_megabytes() -> None:
    assert 4 * 1.05 * size_in_images_profile() < 64 * MEGABYTE


def test_two_images_of_1920x1080_fit_in_a_segment_of_the_profile() -> None:
    assert size_in_images_profile() > 2 * 1920 * 1080 * 3


def test_a_profile_without_a_segment_size_leaves_the_default(tmp_path: Path) -> None:
    (tmp_path / 'a.xml').write_text('<profiles/>')
    assert read_profile(tmp_path / 'a.xml').segment_size == DEFAULT_SEGMENT


def test_the_profile_for_networks_uses_no_shared_memory() -> None:
    assert read_profile(NETWORK).segment_size is None


@pytest.mark.parametrize(
    ('old', 'new', 'size'),
    [
        ('>false<', '>true<', DEFAULT_SEGMENT),
        ('UDPv4', 'SHM', DEFAULT_SEGMENT),
        ('<useBuiltinTransports>false</useBuiltinTransports>', '', DEFAULT_SEGMENT),
        ('<type>UDPv4</type>', '<type>SHM</type><segment_size>9</segment_size>', 9),
    ],
)
def test_shared_memory_is_used_unless_no_transport_does(
    tmp_path: Path, old: str, new: str, size: int
) -> None:
    text = NETWORK.read_text()
    assert old in text
    (tmp_path / 'a.xml').write_text(text.replace(old, new))
    assert read_profile(tmp_path / 'a.xml').segment_size == size


def test_a_transport_through_shared_memory_that_no_participant_uses_does_not_count(
    tmp_path: Path,
) -> None:
    used = '<transport_id>shared_memory</transport_id>\n        <transport_id>udp'
    assert used in IMAGES.read_text()
    (tmp_path / 'a.xml').write_text(IMAGES.read_text().replace(used, '<transport_id>udp'))
    assert read_profile(tmp_path / 'a.xml').segment_size is None


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
def test_a_profile_that_cannot_be_read_is_refused_with_its_path(
    tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / 'a.xml'
    if text is not None:
        path.write_text(text)
    message = f'cannot read the Fast DDS profile {path}: '
    with pytest.raises(SettingError, match=message):
        read_profile(path)
    with pytest.raises(SettingError, match=message):
        find_profile(dict.fromkeys(VARIABLES.values(), str(path)))
