"""Several bags in several real processes."""

import contextlib
from functools import partial
import multiprocessing
from pathlib import Path

from bag_conversions import (
    convert,
    CountingEstimator,
    load_and_die_once,
    load_on_one_thread,
    refuse_to_load,
    settings,
    Watching,
    write_walk,
)
from made_bags import read_bag
import pytest

from posenet_ros.bags.workers import convert_in_parallel, convert_in_turn, Result, Task

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
    convert(tasks[2].source, tmp_path / 'alone')
    together, alone = read_bag(tasks[2].target), read_bag(tmp_path / 'alone')
    assert {topic: len(found) for topic, found in together.items()} == {
        topic: len(found) for topic, found in alone.items()
    }


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


def test_a_network_that_cannot_be_loaded_is_the_error_of_each_bag(tasks: list[Task]) -> None:
    results = convert_in_parallel(tasks[:1], refuse_to_load, settings(), Watching(), processes=1)
    assert [str(one.error) for one in results] == ['no network']


def test_when_the_result_is_closed_the_processes_end(tasks: list[Task]) -> None:
    running = convert_in_parallel(tasks, load_on_one_thread, settings(), Watching(), processes=1)
    with contextlib.closing(running):
        next(running)
    assert multiprocessing.active_children() == []
