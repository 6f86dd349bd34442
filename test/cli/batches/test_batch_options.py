import argparse

import pytest

from posenet_ros.cli.batches.batch_options import add_batch_options, read_processes, read_runtime
from posenet_ros.cli.batches.batch_progress import BAGS
from posenet_ros.cli.network_options import add_network_options
from posenet_ros.errors import SettingError
from posenet_ros.inference.runtime_settings import RuntimeSettings


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_batch_options(parser, BAGS)
    add_network_options(parser)
    return parser.parse_args(arguments)


def test_there_are_not_more_processes_than_tasks() -> None:
    assert read_processes(parse(), 5) == 1
    assert read_processes(parse('--jobs', '3'), 5) == 3
    assert read_processes(parse('--jobs', '3'), 2) == 2


def test_fewer_than_one_process_is_refused() -> None:
    with pytest.raises(SettingError, match='--jobs is 0; choose at least 1'):
        read_processes(parse('--jobs', '0'), 5)


@pytest.mark.parametrize(
    ('processes', 'given', 'threads'), [(1, (), None), (2, (), 1), (2, ('4',), 4), (1, ('4',), 4)]
)
def test_several_processes_use_one_thread_each_unless_the_user_chose(
    processes: int, given: tuple[str, ...], threads: int | None
) -> None:
    options = [f'--intra-op-num-threads={one}' for one in given]
    default = RuntimeSettings().intra_op_num_threads
    runtime = read_runtime(parse(*options), processes)
    assert runtime.intra_op_num_threads == (default if threads is None else threads)
