"""Several bags in several real processes."""

from collections.abc import Callable
import contextlib
from functools import partial
import multiprocessing
from pathlib import Path

from bag_conversions import (
    convert,
    CountingEstimator,
    fail_to_load,
    load_and_die_once,
    load_on_one_thread,
    refuse_to_load,
    settings,
    walk,
    Watching,
    write_walk,
)
from made_bags import film, hide_topic, Made, raw, read_bag, START, write_bag
import pytest

from posenet_ros.bags.processes import tasks as one_bag
from posenet_ros.bags.processes.batch import convert_in_parallel, convert_in_turn
from posenet_ros.bags.processes.tasks import Result, Task
from posenet_ros.errors import PosenetError
from posenet_ros.estimation.estimator import PoseEstimator

pytestmark = pytest.mark.usefixtures('network_075')


@pytest.fixture
def tasks(tmp_path: Path) -> list[Task]:
    """Return three bags to convert."""
    made = []
    for name, count in (('a', 1), ('b', 2), ('c', 3)):
        (tmp_path / name).mkdir()
        made.append(Task(write_walk(tmp_path / name, count), tmp_path / f'out_{name}'))
    return made


def images(results: list[Result]) -> dict[str, int]:
    """Return the number of images in each new bag."""
    return {one.task.target.name: one.summary.images for one in results if one.summary}


def test_several_processes_convert_each_bag_once_as_one_does(
    tmp_path: Path, tasks: list[Task]
) -> None:
    watching = Watching()
    results = list(
        convert_in_parallel(tasks, load_on_one_thread, settings(), watching, processes=2)
    )
    assert images(results) == {'out_a': 2, 'out_b': 4, 'out_c': 6}
    assert (watching.images, watching.done) == (12, 12)
    estimator = load_on_one_thread()
    for task in tasks:
        alone = tmp_path / f'alone_{task.target.name}'
        convert(task.source, alone, estimator=estimator)
        assert str(read_bag(task.target)) == str(read_bag(alone))


def test_a_process_that_dies_costs_only_its_bag(tmp_path: Path, tasks: list[Task]) -> None:
    flaky = partial(load_and_die_once, tmp_path / 'died')
    results = list(convert_in_parallel(tasks, flaky, settings(), Watching(), processes=1))
    failed = [one for one in results if one.error]
    assert len(failed) == 1
    assert 'ended with signal 9' in str(failed[0].error)
    assert 'use fewer --jobs' in str(failed[0].error)
    assert len(images(results)) == 2


def test_an_error_of_one_bag_does_not_stop_the_others(tmp_path: Path, tasks: list[Task]) -> None:
    wrong = [Task(tmp_path / 'nowhere', tmp_path / 'out'), *tasks[:1]]
    results = list(convert_in_turn(wrong, CountingEstimator, settings(), Watching()))
    assert 'nowhere: it does not exist' in str(results[0].error)
    assert images(results) == {'out_a': 2}


def test_a_bag_that_rosbags_cannot_read_does_not_stop_the_others(
    tmp_path: Path, tasks: list[Task]
) -> None:
    broken = Made('/camera/image', START, raw(walk(1)[0], START), data=b'\0\1\0\0half')
    hidden = write_bag(tmp_path / 'hidden', film('/camera/image', walk(1)))
    hide_topic(hidden, '/camera/image')
    wrong = [write_bag(tmp_path / 'broken', [broken]), hidden]
    todo = [Task(source, tmp_path / f'out_{source.name}') for source in wrong] + tasks[:1]
    results = list(convert_in_turn(todo, CountingEstimator, settings(), Watching()))
    assert results[0].summary is not None
    assert results[0].summary.refused == 1
    assert 'but 0 were read' in str(results[1].error)
    assert results[2].summary is not None


def test_an_error_that_nobody_expected_is_one_line_about_its_bag(
    tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError('by\nzero')

    monkeypatch.setattr(one_bag, 'convert_bag', fail)
    results = list(convert_in_turn(tasks[:2], CountingEstimator, settings(), Watching()))
    assert [str(one.error) for one in results] == [
        f'cannot convert {task.source}: ZeroDivisionError: by zero' for task in tasks[:2]
    ]


@pytest.mark.parametrize(
    ('load', 'message'),
    [
        (refuse_to_load, 'no network'),
        (fail_to_load, 'cannot load the network: RuntimeError: no library'),
    ],
)
def test_a_network_that_cannot_be_loaded_is_one_error_for_all_bags(
    tasks: list[Task],
    capfd: pytest.CaptureFixture[str],
    load: Callable[[], PoseEstimator],
    message: str,
) -> None:
    running = convert_in_parallel(tasks, load, settings(), Watching(), processes=2)
    with pytest.raises(PosenetError, match=message):
        list(running)
    assert multiprocessing.active_children() == []
    assert 'Traceback' not in capfd.readouterr().err


def test_when_the_result_is_closed_the_processes_end(tasks: list[Task]) -> None:
    running = convert_in_parallel(tasks, load_on_one_thread, settings(), Watching(), processes=1)
    with contextlib.closing(running):
        next(running)
    assert multiprocessing.active_children() == []
