"""Real processes that convert bags, and their ends."""

from functools import partial
from multiprocessing import Pipe
import os
from pathlib import Path
import signal
import struct
import time

from bag_conversions import (
    load_and_die_once,
    load_and_wait,
    load_on_one_thread,
    note_blocked_signals,
    refuse_to_load,
    refuse_to_load_and_terminate_at_exit,
    settings,
    Watching,
    write_walk,
)
import pytest
from rosbags.rosbag2 import CompressionMode

from posenet_ros.bags.conversion import work_folder
from posenet_ros.bags.processes.tasks import Result, Task
from posenet_ros.bags.processes.worker_process import Worker
from posenet_ros.bags.storage.recording import SQLITE3
from posenet_ros.errors import PosenetError

pytestmark = pytest.mark.usefixtures('network_075')

# Seconds that a test waits for anything; generous, as machines are shared.
PATIENCE = 60.0


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """Return a bag to convert."""
    return Task(write_walk(tmp_path, 3), tmp_path / 'out')


def wait_for(path: Path) -> None:
    """Wait until a file exists."""
    give_up = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < give_up, f'there is no {path}'
        time.sleep(0.01)


def result_of(worker: Worker) -> Result:
    """Return the result of the worker's task."""
    while True:
        result = worker.receive(Watching())
        if result:
            return result


def test_an_interrupted_process_leaves_the_journal_but_no_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, began = tmp_path / 'temporary', tmp_path / 'began'
    temporary.mkdir()
    monkeypatch.setenv('TMPDIR', str(temporary))
    # rosbags decompresses such a bag into a temporary folder.
    source = write_walk(tmp_path, 3, storage=SQLITE3, compression=CompressionMode.FILE)
    worker = Worker(partial(load_and_wait, began), settings())
    worker.start(Task(source, tmp_path / 'out'))
    wait_for(began)
    assert list(temporary.iterdir()) != []
    worker.interrupt()
    worker.close()
    assert list(temporary.iterdir()) == []
    assert [path.name for path in work_folder(tmp_path / 'out').iterdir()] == ['journal']


def test_a_closed_process_ends_by_itself_after_its_task(task: Task) -> None:
    worker = Worker(load_on_one_thread, settings())
    worker.start(task)
    assert result_of(worker).summary is not None
    worker.close()
    assert worker._process.exitcode == 0
    assert not worker.is_alive


def test_a_process_that_dies_is_the_error_of_its_bag_and_its_connection_is_closed(
    tmp_path: Path, task: Task
) -> None:
    worker = Worker(partial(load_and_die_once, tmp_path / 'died'), settings())
    worker.start(task)
    assert 'ended with signal 9' in str(result_of(worker).error)
    assert worker.connection.closed
    assert not worker.is_alive


def test_a_process_that_dies_in_the_middle_of_a_message_is_the_error_of_its_bag(
    task: Task,
) -> None:
    worker = Worker(load_on_one_thread, settings())
    worker.start(task)
    worker.connection.close()
    worker.connection, other = Pipe()
    os.write(other.fileno(), struct.pack('!i', 100) + b'half')
    other.close()
    assert 'the process that converted it ended with' in str(result_of(worker).error)


def test_ctrl_c_cannot_interrupt_the_imports_of_a_process(tmp_path: Path, task: Task) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    worker = Worker(partial(note_blocked_signals, tmp_path / 'blocked'), settings())
    worker.start(task)
    with pytest.raises(PosenetError, match='no network'):
        result_of(worker)
    worker.close()
    assert str(int(signal.SIGINT)) in (tmp_path / 'blocked').read_text().split()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_an_error_of_loading_is_raised(task: Task) -> None:
    worker = Worker(refuse_to_load, settings())
    worker.start(task)
    with pytest.raises(PosenetError, match='no network'):
        result_of(worker)
    worker.close()


def test_a_process_that_is_interrupted_while_it_ends_reports_no_error(
    task: Task, capfd: pytest.CaptureFixture[str]
) -> None:
    worker = Worker(refuse_to_load_and_terminate_at_exit, settings())
    worker.start(task)
    with pytest.raises(PosenetError, match='no network'):
        result_of(worker)
    worker.close()
    assert capfd.readouterr().err == ''
