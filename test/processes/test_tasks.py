from pathlib import Path

from made_tasks import length, made_tasks, Noting
import pytest

from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.processes.tasks import (
    describe_failure,
    name_targets,
    run_task,
    select_shard,
    Task,
)
from posenet_ros.processes.watcher import Watcher


def test_the_result_of_a_task_is_what_its_work_returned(tmp_path: Path) -> None:
    (task,) = made_tasks(tmp_path, a='four')
    result = run_task(task, length, Noting())
    assert (result.task, result.summary, result.error) == (task, 4, None)


def test_an_error_that_nobody_expected_is_one_line_about_its_source(tmp_path: Path) -> None:
    def fail(_: Task, __: Watcher) -> int:
        raise ZeroDivisionError('by\nzero')

    (task,) = made_tasks(tmp_path, a='')
    result = run_task(task, fail, Noting())
    assert result.summary is None
    assert str(result.error) == f'cannot process {task.source}: ZeroDivisionError: by zero'


def test_an_error_that_was_a_signal_ends_everything(tmp_path: Path) -> None:
    class Interrupted(Noting):
        def check(self) -> None:
            raise KeyboardInterrupt

    (task,) = made_tasks(tmp_path, a='bad')
    with pytest.raises(KeyboardInterrupt):
        run_task(task, length, Interrupted())


def test_a_message_that_names_its_source_is_not_changed() -> None:
    assert describe_failure(PosenetError('a.mp4 is empty'), 'a.mp4') == 'a.mp4 is empty'
    assert describe_failure(PosenetError('full'), 'a.mp4') == 'cannot process a.mp4: full'


def test_two_sources_with_the_same_target_are_refused_with_both_names(tmp_path: Path) -> None:
    sources = [(Path('x/a.mp4'), 'a'), (Path('y/a.mp4'), 'a')]
    with pytest.raises(SettingError, match=r'x/a\.mp4 and y/a\.mp4 would both be .*different'):
        name_targets(sources, tmp_path)


@pytest.mark.parametrize('count', [1, 3, 7])
def test_shards_are_disjoint_and_have_all_tasks_whatever_their_order(count: int) -> None:
    tasks = [Task(Path(name), Path(f'out/{name}')) for name in 'caebd']
    shards = [select_shard(tasks, f'{number}/{count}') for number in range(1, count + 1)]
    everything = [task.source.name for shard in shards for task in shard]
    assert sorted(everything) == list('abcde')
    assert shards == [select_shard(tasks[::-1], f'{one}/{count}') for one in range(1, count + 1)]
    assert [task.source.name for task in select_shard(tasks, None)] == list('abcde')


@pytest.mark.parametrize('shard', ['', '0/4', '5/4', '1', '1/0', '-1/4', '1/4/2', 'a/b', '1/ 2'])
def test_a_shard_that_is_none_is_refused_with_an_example(shard: str) -> None:
    with pytest.raises(SettingError, match=r'--shard is .*; write I/N, such as 1/4 to 4/4'):
        select_shard([], shard)
