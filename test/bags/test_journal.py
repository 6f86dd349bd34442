from contextlib import closing
from pathlib import Path

import pytest

from posenet_ros.bags.journal import Journal
from posenet_ros.bags.outcome import Outcome
from posenet_ros.processes.unfinished_folder import FolderInUseError


def outcome(time: int) -> Outcome:
    return Outcome(topic='/a', time=time, size=(1, 2))


def write(path: Path, times: range, key: str = 'key') -> None:
    """Recall what is there, and note the outcomes of the other images."""
    with closing(Journal(path, key)) as journal:
        for time in times:
            if journal.recall('/a', time) is None:
                journal.note(outcome(time))


def recalled(path: Path, times: range, key: str = 'key') -> list[int]:
    """Return the images that a journal knows."""
    with closing(Journal(path, key)) as journal:
        found = [journal.recall('/a', time) for time in times]
    return [one.time for one in found if one]


def test_a_journal_recalls_what_was_noted_in_several_runs(tmp_path: Path) -> None:
    path = tmp_path / 'work' / 'journal'
    write(path, range(2))
    write(path, range(5))
    assert recalled(path, range(7)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize('garbage', [b'{"topic": "/a", "ti', b'\x00' * 100, b'{}\n', b'\n'])
def test_what_is_not_a_whole_line_is_dropped_before_the_next_outcome(
    tmp_path: Path, garbage: bytes
) -> None:
    path = tmp_path / 'journal'
    write(path, range(2))
    with open(path, 'ab') as file:
        file.write(garbage)
    write(path, range(4))
    assert recalled(path, range(6)) == [0, 1, 2, 3]
    assert len(path.read_bytes().splitlines()) == 5


def test_outcomes_of_other_images_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / 'journal'
    write(path, range(4))
    write(path, range(0, 8, 2))
    assert recalled(path, range(0, 8, 2)) == [0, 2, 4, 6]


def test_a_journal_with_another_key_starts_again(tmp_path: Path) -> None:
    path = tmp_path / 'journal'
    write(path, range(3), key='one')
    assert recalled(path, range(3), key='other') == []
    assert recalled(path, range(3), key='one') == []


def test_only_one_process_has_a_journal_open(tmp_path: Path) -> None:
    path = tmp_path / 'journal'
    with closing(Journal(path, 'key')), pytest.raises(FolderInUseError, match='another process'):
        Journal(path, 'key')
    write(path, range(1))
