"""A folder in which results grow until they are complete."""

from collections.abc import Iterator
from contextlib import contextmanager, ExitStack, suppress
import os
from pathlib import Path
import shutil

from posenet_ros.errors import PosenetError
from posenet_ros.regular_files import lock_file


@contextmanager
def unfinished_folder(target: Path) -> Iterator[Path]:
    """
    Return an empty folder beside `target`, and remove it after the block.

    The block moves what is complete to `target`. So a process that is killed leaves nothing that
    looks complete, and what it leaves is removed by the next one. Raises PosenetError if another
    process has the folder, or if it cannot be written.
    """
    folder = unfinished_name(target)
    with ExitStack() as stack:
        with write_errors(folder):
            stack.enter_context(_locked(folder))
            _empty(folder)
        try:
            yield folder
        finally:
            # Still locked: otherwise, this could be the folder of the next process already.
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def write_errors(folder: Path) -> Iterator[None]:
    """Raise PosenetError instead of OSError, while something is written into a folder."""
    try:
        yield
    except OSError as error:
        raise PosenetError(f'cannot write {folder}: {error.strerror}') from error


def check_unfinished(folder: Path, file: Path) -> None:
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


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """
    Create a folder, and lock it.

    Raises PosenetError if another process has it, or if it has something else, and OSError.
    """
    path = folder / '.lock'
    check_unfinished(folder, path)
    folder.mkdir(parents=True, exist_ok=True)
    with open(path, 'ab') as file:
        is_locked = lock_file(file)
        # Another process may have removed the folder since, with the file that is locked now.
        if (
            not is_locked
            or not path.exists()
            or not os.path.samestat(os.fstat(file.fileno()), path.stat())
        ):
            raise PosenetError(f'another process is writing {folder}; wait until it has ended')
        yield


def _empty(folder: Path) -> None:
    """Remove what a process left that was killed, but not the lock; raises OSError."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != '.lock':
            path.unlink()
