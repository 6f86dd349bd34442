"""Opening, reading and writing of regular files, which neither block nor grow without end."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import secrets
import stat
from typing import BinaryIO

from posenet_ros.errors import ImageError, SettingError
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

    Raises ImageError if it cannot be opened or read, or if it is anything else: a folder, a FIFO,
    which would block until somebody writes to it, or a device, which may have no end.
    """
    try:
        # O_NONBLOCK prevents waiting for the writer of a FIFO. It does not affect regular files.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with open(descriptor, 'rb') as file:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                kind = 'Is a directory' if stat.S_ISDIR(mode) else 'it is a FIFO or a device'
                raise ImageError(f'cannot open {path}: {kind}; name a regular file')
            yield file
    except OSError as error:
        raise ImageError(f'cannot open {path}: {error.strerror or error}') from error
    except ValueError as error:  # there is a null character in the path
        raise ImageError(f'cannot open {quoted(str(path))}: {error}') from error


def read_regular_file(path: Path, *, max_bytes: int) -> bytes:
    """Return the content of a regular file; raises ImageError, also if it has more bytes."""
    with open_regular_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(max_bytes + 1) if size <= max_bytes else b''
    if max(size, len(content)) > max_bytes:
        raise ImageError(
            f'cannot read {path}: it has more than {max_bytes // _MB} MB, which is the limit for '
            'an image file'
        )
    return content


def write_whole_file(path: Path, content: bytes) -> None:
    """
    Write a file, and its folder if necessary.

    The file is either complete or does not exist. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name that nobody can guess: someone could create a link of that name to another file.
    unfinished = path.with_name(f'.{secrets.token_hex(8)}.part')
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(unfinished, flags, 0o666)
    try:
        with open(descriptor, 'wb') as file:
            file.write(content)
        unfinished.replace(path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
