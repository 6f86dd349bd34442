import os
from pathlib import Path
import shutil
from typing import BinaryIO, NoReturn

import pytest

from posenet_ros.errors import PosenetError
from posenet_ros.processes import unfinished_folder as module
from posenet_ros.processes.unfinished_folder import (
    FolderInUseError,
    remove_unfinished,
    unfinished_folder,
    unfinished_name,
)
from posenet_ros.regular_files import lock_file


def test_what_the_block_moves_away_stays_and_the_rest_is_removed(tmp_path: Path) -> None:
    target = tmp_path / 'deep' / 'out'
    with unfinished_folder(target) as folder:
        (folder / 'made').mkdir()
        (folder / 'other').touch()
        (folder / 'made').replace(target)
    assert os.listdir(tmp_path / 'deep') == ['out']


def test_after_an_error_nothing_is_left(tmp_path: Path) -> None:
    def interrupt(folder: Path) -> NoReturn:
        (folder / 'made').mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), unfinished_folder(tmp_path / 'out') as folder:
        interrupt(folder)
    assert os.listdir(tmp_path) == []


def test_what_a_killed_process_left_is_not_in_the_folder(tmp_path: Path) -> None:
    left = unfinished_name(tmp_path / 'out')
    (left / 'made').mkdir(parents=True)
    (left / 'made' / 'poses.csv').touch()
    (left / '.lock').touch()
    (left / 'link').symlink_to(tmp_path)
    with unfinished_folder(tmp_path / 'out') as folder:
        assert {path.name for path in folder.iterdir()} == {'.lock'}
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize('is_link', [False, True])
def test_a_folder_with_something_else_is_refused_and_kept(tmp_path: Path, is_link: bool) -> None:
    folder = unfinished_name(tmp_path / 'out')
    content = tmp_path / 'elsewhere' if is_link else folder
    content.mkdir()
    (content / 'poses.csv').touch()
    if is_link:
        folder.symlink_to(content)
    with (
        pytest.raises(PosenetError, match=r'out\.unfinished exists, and is not an unfinished'),
        unfinished_folder(tmp_path / 'out'),
    ):
        pytest.fail('it was taken')
    remove_unfinished(tmp_path / 'out')
    assert (content / 'poses.csv').exists()


def test_only_one_process_has_the_folder_and_it_keeps_it(tmp_path: Path) -> None:
    target = tmp_path / 'out'
    with unfinished_folder(target) as folder:
        (folder / 'made').mkdir()
        with (
            pytest.raises(FolderInUseError, match=r'another process is writing .*out\.unfinished'),
            unfinished_folder(target),
        ):
            pytest.fail('two have it')
        remove_unfinished(target)
        assert (folder / 'made').is_dir()


def test_what_a_process_left_after_its_very_end_can_be_removed(tmp_path: Path) -> None:
    unfinished_name(tmp_path / 'out').mkdir()
    remove_unfinished(tmp_path / 'out')
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    with (
        pytest.raises(PosenetError, match=r'cannot write .*out\.unfinished: Not a directory'),
        unfinished_folder(tmp_path / 'file' / 'out'),
    ):
        pytest.fail('there is a folder')


def remove_once(folder: Path) -> None:
    """Remove a folder as another process does at its end, if nobody has done so yet."""
    done = folder.with_name('removed')
    if not done.exists():
        done.touch()
        shutil.rmtree(folder)


def test_a_folder_that_vanishes_before_its_lock_is_created_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Path.mkdir

    def create_and_vanish(self: Path, **options: bool) -> None:
        create(self, **options)
        remove_once(self)

    monkeypatch.setattr(Path, 'mkdir', create_and_vanish)
    with unfinished_folder(tmp_path / 'out') as folder:
        assert folder.is_dir()


def test_a_folder_that_vanishes_before_it_is_locked_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish_and_lock(file: BinaryIO) -> bool:
        remove_once(unfinished_name(tmp_path / 'out'))
        return lock_file(file)

    monkeypatch.setattr(module, 'lock_file', vanish_and_lock)
    with unfinished_folder(tmp_path / 'out') as folder:
        assert (folder / '.lock').exists()


def test_the_lock_is_removed_last_because_it_is_how_the_folder_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[str]] = []
    remove = shutil.rmtree

    def note_and_remove(folder: Path, *, ignore_errors: bool = False) -> None:
        found.append(os.listdir(folder))
        remove(folder, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, 'rmtree', note_and_remove)
    with unfinished_folder(tmp_path / 'out') as folder:
        (folder / 'poses.csv').touch()
    assert found == [['.lock']]
