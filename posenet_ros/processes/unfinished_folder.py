"""A folder in which results grow until they are complete."""

from collections.abc import Iterator
from contextlib import contextmanager, ExitStack, suppress
import os
from pathlib import Path
import shutil
from typing import BinaryIO

from posenet_ros.errors import PosenetError
from posenet_ros.regular_files import lock_file

_LOCK = '.lock'
# Attempts to create a folder that other processes remove at the same time.
_ATTEMPTS = 10


class FolderInUseError(PosenetError):
    """Another process is writing the same results, or has just completed them."""


@contextmanager
def unfinished_folder(target: Path) -> Iterator[Path]:
    """
    Return an empty folder beside `target`, and remove it after the block.

    The block moves what is complete to `target`. So a process that is killed leaves nothing that
    looks complete, and what it leaves is removed by the next one. Raises FolderInUseError if
    another process has the folder, and PosenetError if it has something else or cannot be written.
    """
    folder = unfinished_name(target)
    with ExitStack() as stack:
        with write_errors(folder):
            stack.enter_context(lock_unfinished(folder / _LOCK))
            _empty(folder)
        try:
            yield folder
        finally:
            # Still locked: otherwise, this could be the folder of the next process already. The
            # lock comes last, because it shows that the folder has unfinished results.
            with suppress(OSError):
                _empty(folder)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def write_errors(folder: Path) -> Iterator[None]:
    """Raise PosenetError instead of OSError, while something is written into a folder."""
    try:
        yield
    except OSError as error:
        raise PosenetError(f'cannot write {folder}: {error.strerror}') from error


def lock_unfinished(path: Path) -> BinaryIO:
    """
    Create a folder of unfinished results, and return a file in it, which is open and locked.

    Only one process has it. Raises FolderInUseError if another one does, PosenetError if the
    folder has something else, and OSError.
    """
    for attempt in range(_ATTEMPTS):
        try:
            _check_unfinished(path.parent, path)
            path.parent.mkdir(parents=True, exist_ok=True)
            file = open(path, 'a+b')  # noqa: SIM115
        except (FileNotFoundError, FileExistsError):
            if attempt + 1 == _ATTEMPTS:
                raise
            continue  # the process that had the folder has just removed it
        try:
            if lock_file(file) and _is_at(path, file):
                return file
            is_removed = not path.exists()
        except BaseException:
            file.close()
            raise
        file.close()
        if not is_removed:
            break
    raise FolderInUseError(f'another process is writing {path.parent}; wait until it has ended')


def _check_unfinished(folder: Path, file: Path) -> None:
    """
    Raise PosenetError if a folder has anything but unfinished results, among them this file.

    Such a folder would be emptied. Raises OSError if it cannot be read.
    """
    if folder.is_symlink() or (folder.exists() and not file.exists() and any(folder.iterdir())):
        raise PosenetError(f'{folder} exists, and is not an unfinished result; move it away')


def unfinished_name(target: Path) -> Path:
    """Return where the results grow that will be `target`."""
    return target.with_name(f'{target.name}.unfinished')


def remove_unfinished(target: Path) -> None:
    """Remove what a process left that was killed after it had completed `target`."""
    if unfinished_name(target).exists():
        with suppress(PosenetError), unfinished_folder(target):
            pass  # if another process has it, that process will remove it


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Return whether a path is still that of an open file."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _empty(folder: Path) -> None:
    """Remove what a process left that was killed, but not the lock; raises OSError."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()
