"""Real processes that complete tasks, and their ends."""

from collections.abc import Callable
from functools import partial
from multiprocessing import Pipe
from multiprocessing.process import BaseProcess
import os
from pathlib import Path
import signal
import struct
import time

from made_tasks import (
    load_and_die_once,
    load_length,
    load_stubborn_work,
    load_waiting_work,
    load_work_that_swallows_an_interruption,
    load_work_that_turns_an_interruption_into_an_error,
    made_tasks,
    note_blocked_signals,
    Noting,
    refuse_to_load,
    refuse_to_load_and_terminate_at_exit,
)
import pytest

from posenet_ros.errors import PosenetError
from posenet_ros.processes import worker_process
from posenet_ros.processes.tasks import Result, Task, Work
from posenet_ros.processes.worker_process import end_all, Worker

# Seconds that a test waits for anything; generous, as machines are shared.
PATIENCE = 60.0


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """Return a task."""
    return made_tasks(tmp_path, a='four')[0]


def wait_for(path: Path) -> None:
    """Wait until a file exists."""
    give_up = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < give_up, f'there is no {path}'
        time.sleep(0.01)


def result_of(worker: Worker[int]) -> Result[int]:
    """Return the result of the worker's task."""
    while True:
        result = worker.receive(Noting())
        if result:
            return result


def test_an_interrupted_process_leaves_its_work_as_after_ctrl_c_and_says_nothing(
    tmp_path: Path, task: Task, capfd: pytest.CaptureFixture[str]
) -> None:
    began, ended = tmp_path / 'began', tmp_path / 'ended'
    worker = Worker(partial(load_waiting_work, began, ended))
    worker.start(task)
    wait_for(began)
    worker.interrupt()
    worker.close()
    assert ended.exists()
    assert worker._process.exitcode == 128 + signal.SIGTERM
    assert capfd.readouterr().err == ''


@pytest.mark.parametrize(
    'load',
    [load_work_that_swallows_an_interruption, load_work_that_turns_an_interruption_into_an_error],
)
def test_an_interruption_that_a_library_caught_ends_the_process_all_the_same(
    tmp_path: Path, task: Task, load: Callable[[Path], Work[int]]
) -> None:
    worker = Worker(partial(load, tmp_path / 'began'))
    worker.start(task)
    wait_for(tmp_path / 'began')
    worker.interrupt()
    worker._process.join(PATIENCE / 2)
    code = worker._process.exitcode
    worker.close()
    assert code == 128 + signal.SIGTERM


def test_processes_that_do_not_end_share_one_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = []
    for one in made_tasks(tmp_path, a='', b='', c=''):
        workers.append(Worker(partial(load_stubborn_work, tmp_path)))
        workers[-1].start(one)
        wait_for(tmp_path / f'began_{one.source.name}')
    monkeypatch.setattr(worker_process, '_PATIENCE', 0.5)
    join, waited = BaseProcess.join, list[float]()

    def noted(self: BaseProcess, timeout: float | None = None) -> None:
        waited.append(timeout or 0.0)
        join(self, timeout)

    monkeypatch.setattr(BaseProcess, 'join', noted)
    end_all(workers)
    assert sum(waited) < 1.0  # and not 0.5 for each
    assert not any(worker.is_alive for worker in workers)


def test_a_closed_process_ends_by_itself_after_its_task(task: Task) -> None:
    worker = Worker(load_length)
    worker.start(task)
    assert result_of(worker).summary == 4
    worker.close()
    assert worker._process.exitcode == 0
    assert not worker.is_alive


def test_a_process_that_dies_is_the_error_of_its_task_and_its_connection_is_closed(
    tmp_path: Path, task: Task
) -> None:
    worker = Worker(partial(load_and_die_once, tmp_path / 'died'))
    worker.start(task)
    assert 'ended with signal 9' in str(result_of(worker).error)
    assert worker.connection.closed
    assert not worker.is_alive


def test_a_process_that_dies_in_the_middle_of_a_message_is_the_error_of_its_task(
    task: Task,
) -> None:
    worker = Worker(load_length)
    worker.start(task)
    worker.connection.close()
    worker.connection, other = Pipe()
    os.write(other.fileno(), struct.pack('!i', 100) + b'half')
    other.close()
    assert f'{task.source}: its process ended with' in str(result_of(worker).error)


def test_ctrl_c_cannot_interrupt_the_imports_of_a_process(tmp_path: Path, task: Task) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    worker = Worker(partial(note_blocked_signals, tmp_path / 'blocked'))
    worker.start(task)
    with pytest.raises(PosenetError, match='no network'):
        result_of(worker)
    worker.close()
    assert str(int(signal.SIGINT)) in (tmp_path / 'blocked').read_text().split()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_an_error_of_loading_is_raised(task: Task) -> None:
    worker = Worker(refuse_to_load)
    worker.start(task)
    with pytest.raises(PosenetError, match='no network'):
        result_of(worker)
    worker.close()


def test_a_process_that_is_interrupted_while_it_ends_reports_no_error(
    task: Task, capfd: pytest.CaptureFixture[str]
) -> None:
    worker = Worker(refuse_to_load_and_terminate_at_exit)
    worker.start(task)
    with pytest.raises(PosenetError, match='no network'):
        result_of(worker)
    worker.close()
    assert capfd.readouterr().err == ''
