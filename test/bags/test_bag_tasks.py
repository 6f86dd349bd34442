"""Several bags as tasks, in this process and in several real ones."""

from functools import partial
from pathlib import Path
import time

from bag_conversions import (
    convert,
    CountingEstimator,
    load_and_wait,
    load_on_one_thread,
    settings,
    walk,
    Watching,
    write_walk,
)
from made_bags import film, hide_topic, Made, raw, read_bag, START, write_bag
import pytest
from rosbags.rosbag2 import CompressionMode

from posenet_ros.bags.conversion import load_conversion
from posenet_ros.bags.storage.recording import SQLITE3
from posenet_ros.bags.summary import Summary
from posenet_ros.processes.batch import run_in_parallel, run_in_turn
from posenet_ros.processes.tasks import Result, Task
from posenet_ros.processes.unfinished_folder import unfinished_name
from posenet_ros.processes.worker_process import Worker

pytestmark = pytest.mark.usefixtures('network_075')

# Seconds that a test waits for anything; generous, as machines are shared.
PATIENCE = 60.0


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    """Return three bags to convert."""
    made = []
    for name, count in (('a', 1), ('b', 2), ('c', 3)):
        (tmp_path / name).mkdir()
        made.append(Task(write_walk(tmp_path / name, count), tmp_path / f'out_{name}'))
    return made


def in_turn(tasks: list[Task]) -> list[Result[Summary]]:
    """Convert bags in this process."""
    load = partial(load_conversion, CountingEstimator, settings())
    return list(run_in_turn(tasks, load, Watching()))


def images(results: list[Result[Summary]]) -> dict[str, int]:
    """Return the number of images in each new bag."""
    return {one.task.target.name: one.summary.images for one in results if one.summary}


def test_several_processes_convert_each_bag_once_as_one_does(
    tmp_path: Path, tasks: list[Task]
) -> None:
    watching = Watching()
    load = partial(load_conversion, load_on_one_thread, settings())
    results = list(run_in_parallel(tasks, load, watching, processes=2))
    assert images(results) == {'out_a': 2, 'out_b': 4, 'out_c': 6}
    assert (watching.images, watching.done) == (12, 12)
    estimator = load_on_one_thread()
    for task in tasks:
        alone = tmp_path / f'alone_{task.target.name}'
        convert(task.source, alone, estimator=estimator)
        assert str(read_bag(task.target)) == str(read_bag(alone))


def test_an_error_of_one_bag_does_not_stop_the_others(tmp_path: Path, tasks: list[Task]) -> None:
    results = in_turn([Task(tmp_path / 'nowhere', tmp_path / 'out'), *tasks[:1]])
    assert 'nowhere: it does not exist' in str(results[0].error)
    assert images(results) == {'out_a': 2}


def test_a_bag_that_rosbags_cannot_read_does_not_stop_the_others(
    tmp_path: Path, tasks: list[Task]
) -> None:
    broken = Made('/camera/image', START, raw(walk(1)[0], START), data=b'\0\1\0\0half')
    hidden = write_bag(tmp_path / 'hidden', film('/camera/image', walk(1)))
    hide_topic(hidden, '/camera/image')
    wrong = [write_bag(tmp_path / 'broken', [broken]), hidden]
    results = in_turn([*(Task(one, tmp_path / f'out_{one.name}') for one in wrong), tasks[0]])
    assert results[0].summary is not None
    assert results[0].summary.refused == 1
    assert 'but 0 were read' in str(results[1].error)
    assert results[2].summary is not None


def test_an_interrupted_process_leaves_the_journal_but_no_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, began = tmp_path / 'temporary', tmp_path / 'began'
    temporary.mkdir()
    monkeypatch.setenv('TMPDIR', str(temporary))
    # rosbags decompresses such a bag into a temporary folder.
    source = write_walk(tmp_path, 3, storage=SQLITE3, compression=CompressionMode.FILE)
    worker = Worker(partial(load_conversion, partial(load_and_wait, began), settings()))
    worker.start(Task(source, tmp_path / 'out'))
    give_up = time.monotonic() + PATIENCE
    while not began.exists():
        assert time.monotonic() < give_up, 'the network does not run'
        time.sleep(0.01)
    assert list(temporary.iterdir()) != []
    worker.interrupt()
    worker.close()
    assert list(temporary.iterdir()) == []
    assert [path.name for path in unfinished_name(tmp_path / 'out').iterdir()] == ['journal']
