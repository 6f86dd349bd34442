"""Several tasks in several real processes."""

import contextlib
from functools import partial
import multiprocessing
from pathlib import Path

from made_tasks import (
    fail_to_load,
    load_and_die_once,
    load_announced_work,
    load_length,
    made_tasks,
    Noting,
    refuse_to_load,
)
import pytest

from posenet_ros.errors import PosenetError
from posenet_ros.processes.batch import run_in_parallel, run_in_turn
from posenet_ros.processes.tasks import Load, Result


def lengths(results: list[Result[int]]) -> dict[str, int | None]:
    """Return the summary of each task."""
    return {one.task.source.name: one.summary for one in results}


def test_several_processes_complete_each_task_once_and_pass_the_progress_on(
    tmp_path: Path,
) -> None:
    tasks, noting = made_tasks(tmp_path, a='1', b='22', c='333'), Noting()
    results = list(run_in_parallel(tasks, load_length, noting, processes=2))
    assert sorted(lengths(results).items()) == [('a', 1), ('b', 2), ('c', 3)]
    assert noting.images == {tmp_path / 'a': 1, tmp_path / 'b': 2, tmp_path / 'c': 3}
    assert noting.done == 6
    assert sorted(noting.notices) == ['a was read', 'b was read', 'c was read']


def test_tasks_in_turn_are_completed_in_their_order(tmp_path: Path) -> None:
    tasks = made_tasks(tmp_path, b='22', a='1')
    assert list(lengths(list(run_in_turn(tasks, load_length, Noting()))).items()) == [
        ('b', 2),
        ('a', 1),
    ]


@pytest.mark.parametrize('processes', [1, 2])
def test_an_error_of_one_task_does_not_stop_the_others(tmp_path: Path, processes: int) -> None:
    tasks = made_tasks(tmp_path, a='bad', b='22')
    running = run_in_parallel(tasks, load_length, Noting(), processes=processes)
    results = {one.task.source.name: one for one in running}
    assert str(results['a'].error) == f'{tmp_path / "a"} is bad'
    assert results['b'].summary == 2


def test_a_process_that_dies_costs_only_its_task(tmp_path: Path) -> None:
    tasks = made_tasks(tmp_path, a='1', b='22', c='333')
    flaky = partial(load_and_die_once, tmp_path / 'died')
    results = list(run_in_parallel(tasks, flaky, Noting(), processes=1))
    (failed,) = [one for one in results if one.error]
    assert 'ended with signal 9' in str(failed.error)
    assert 'use fewer --jobs' in str(failed.error)
    assert len([one for one in results if one.summary]) == 2


@pytest.mark.parametrize(
    ('load', 'message'),
    [
        (refuse_to_load, 'no network'),
        (fail_to_load, 'a process cannot start its work: RuntimeError: no library'),
    ],
)
def test_what_cannot_be_loaded_is_one_error_for_all_tasks(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], load: Load[int], message: str
) -> None:
    running = run_in_parallel(made_tasks(tmp_path, a='', b=''), load, Noting(), processes=2)
    with pytest.raises(PosenetError, match=message):
        list(running)
    assert multiprocessing.active_children() == []
    assert 'Traceback' not in capfd.readouterr().err


def test_when_the_result_is_closed_the_processes_end(tmp_path: Path) -> None:
    tasks = made_tasks(tmp_path, a='1', b='22', c='333')
    with contextlib.closing(run_in_parallel(tasks, load_length, Noting(), processes=1)) as running:
        next(running)
    assert multiprocessing.active_children() == []


class InterruptedUnnoticed(Noting):
    """The watcher after a signal whose exception a library caught in this process."""

    def check(self) -> None:
        if self.images:
            raise KeyboardInterrupt


def test_an_interruption_that_a_library_caught_ends_all_processes(tmp_path: Path) -> None:
    tasks = made_tasks(tmp_path, a='1', b='22', c='333')
    running = run_in_parallel(tasks, load_announced_work, InterruptedUnnoticed(), processes=2)
    with contextlib.closing(running), pytest.raises(KeyboardInterrupt):
        list(running)
    assert multiprocessing.active_children() == []


def test_an_interruption_that_a_library_caught_ends_tasks_in_turn(tmp_path: Path) -> None:
    running = run_in_turn(made_tasks(tmp_path, a='1', b='22'), load_length, InterruptedUnnoticed())
    assert next(running).summary == 1
    with pytest.raises(KeyboardInterrupt):
        next(running)
