import os
from pathlib import Path
import resource

import pytest

from posenet_ros.errors import SettingError
from posenet_ros.regular_files import (
    expand_home,
    lock_file,
    open_regular_file,
    read_regular_file,
    write_whole_file,
)


def test_a_home_folder_is_expanded() -> None:
    assert expand_home('~/a.png') == Path.home() / 'a.png'
    assert expand_home('/a~/b') == Path('/a~/b')


def test_a_home_folder_that_is_not_known_is_an_error_with_the_path() -> None:
    with pytest.raises(SettingError, match=r"'~no-such-user/x' starts with ~.*; write the whole"):
        expand_home('~no-such-user/x')


def test_a_fifo_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    with (
        pytest.raises(OSError, match=r'it is a FIFO or a device, not a regular file: .*fifo'),
        open_regular_file(tmp_path / 'fifo'),
    ):
        pass


@pytest.mark.parametrize('path', ['/dev/zero', '/dev/tty', '/', '/nowhere', 'a\0b', 'a' * 5000])
def test_anything_but_a_regular_file_is_refused(path: str) -> None:
    descriptors = os.listdir('/proc/self/fd')
    with pytest.raises(OSError, match=r'^\[Errno') as raised, open_regular_file(Path(path)):
        pass
    assert raised.value.strerror
    assert str(raised.value.filename) == path
    assert os.listdir('/proc/self/fd') == descriptors


def test_an_error_of_the_block_that_reads_a_file_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    error = ValueError('of the reader')
    with pytest.raises(ValueError, match='of the reader') as raised:  # noqa: SIM117
        with open_regular_file(tmp_path / 'file'):
            raise error
    assert raised.value is error


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / 'file'
    path.write_bytes(bytes(2**20))
    assert read_regular_file(path, max_bytes=2**20) == bytes(2**20)
    path.write_bytes(bytes(2**20 + 1))
    with pytest.raises(OSError, match=r'it has more than 1 MB, which is the limit: .*file'):
        read_regular_file(path, max_bytes=2**20)


def test_a_written_file_has_the_mode_that_the_umask_allows(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_whole_file(tmp_path / 'folder' / 'file', b'content')
    finally:
        os.umask(old)
    assert (tmp_path / 'folder' / 'file').read_bytes() == b'content'
    assert (tmp_path / 'folder' / 'file').stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_completed_is_removed(tmp_path: Path) -> None:
    """A limit on the size of files fails a write halfway, as a full disk does."""
    path = tmp_path / 'file'
    path.write_bytes(b'old')
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match='File too large'):
            write_whole_file(path, bytes(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [entry.name for entry in tmp_path.iterdir()] == ['file']
    assert path.read_bytes() == b'old'


def test_a_file_is_locked_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / 'lock'
    with open(path, 'ab') as one:
        assert lock_file(one)
        with open(path, 'ab') as other:
            assert not lock_file(other)
    with open(path, 'ab') as third:
        assert lock_file(third)
