"""Opening, reading and writing of regular files, which neither block nor grow without end."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import errno
import fcntl
import os
from pathlib import Path
import secrets
import stat
from typing import BinaryIO

from posenet_ros.errors import SettingError
from posenet_ros.quoting import quoted

_MB = 2**20


def expand_home(path: str) -> Path:
    """Return a path with ~ or ~user replaced by the home folder; raises SettingError."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise SettingError(
            f'{quoted(path)} starts with ~, but the home folder of that user is not known; write '
            'the whole path'
        ) from error


@contextmanager
def open_regular_file(path: Path) -> Iterator[BinaryIO]:
    """
    Open a regular file for reading.

    Raises OSError, whose `strerror` says why, if it cannot be opened, or if it is anything else: a
    folder, a FIFO, which would block until somebody writes to it, or a device, which may have no
    end.
    """
    try:
        file = open(path, 'rb', opener=_open_without_waiting)  # noqa: SIM115
    except ValueError as error:  # there is a null character in the path
        raise OSError(errno.EINVAL, str(error), str(path)) from error
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            reason = 'it is a FIFO or a device, not a regular file'
            raise OSError(errno.EINVAL, reason, str(path))
        yield file


def _open_without_waiting(path: str, flags: int) -> int:
    # O_NONBLOCK prevents waiting for the writer of a FIFO. It does not affect regular files.
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def read_regular_file(path: Path, *, max_bytes: int) -> bytes:
    """Return the content of a regular file; raises OSError, also if it has more bytes."""
    with open_regular_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(max_bytes + 1) if size <= max_bytes else b''
    if max(size, len(content)) > max_bytes:
        reason = f'it has more than {max_bytes // _MB} MB, which is the limit'
        raise OSError(errno.EFBIG, reason, str(path))
    return content


def lock_file(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; return False if another process has locked it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class UnfinishedFile:
    """A file beside another one, which replaces that one when it is complete."""

    def __init__(self, target: Path) -> None:
        """Create the empty file, and its folder if necessary; raises OSError."""
        self._target = target
        target.parent.mkdir(parents=True, exist_ok=True)
        # A name that nobody can guess: someone could create a link of that name to another file.
        self.path = target.with_name(f'.{secrets.token_hex(8)}.part')
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(self.path, flags, 0o666))

    def finish(self) -> None:
        """Give the file the name of the other one; raises OSError."""
        self.path.replace(self._target)

    def discard(self) -> None:
        """Remove the file, unless it is finished."""
        with suppress(OSError):
            self.path.unlink()


def write_whole_file(path: Path, content: bytes) -> None:
    """
    Write a file, and its folder if necessary.

    The file is complete, or is unchanged if this fails. Raises OSError.
    """
    unfinished = UnfinishedFile(path)
    try:
        unfinished.path.write_bytes(content)
        unfinished.finish()
    except BaseException:
        unfinished.discard()
        raise
