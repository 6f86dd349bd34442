"""One run of a command that processes several recordings or videos."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TypeAlias

from posenet_ros.cli.batches.batch_options import read_processes, read_runtime
from posenet_ros.cli.batches.batch_progress import BatchProgress, Nouns
from posenet_ros.cli.options import read_settings
from posenet_ros.cli.output import print_message
from posenet_ros.cli.signals import Interruption
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.processes.batch import run_in_parallel, run_in_turn
from posenet_ros.processes.tasks import Load, Result, select_shard, Summary, Task, Work
from posenet_ros.settings import PoseSettings

#: Loads the network with the function that it gets, and returns the work that uses the network.
LoadWork: TypeAlias = Callable[[Callable[[], PoseEstimator]], Work[Summary]]


def run_with_network(
    parsed: argparse.Namespace,
    tasks: Sequence[Task],
    load_work: LoadWork[Summary],
    poses: PoseSettings,
    *,
    report: Callable[[Result[Summary]], int],
    nouns: Nouns,
) -> int:
    """
    Complete the tasks of the user's shard with the network that the user chose.

    Returns the exit code. `report` prints what became of a task, and returns its exit code. With
    several processes, `load_work` must be picklable. Raises SettingError, and what `load_work`
    raises.
    """
    chosen = select_shard(tasks, parsed.shard)
    processes = read_processes(parsed, len(chosen))
    if not chosen:
        count = nouns.counted(len(tasks))
        print_message(f'--shard {parsed.shard} of {count} is empty: there is nothing to do')
        return 0
    load = partial(
        load_estimator,
        read_settings(parsed, ModelSettings),
        poses,
        read_runtime(parsed, processes),
        report=print_message,
    )
    return run_batch(
        chosen,
        partial(load_work, load),
        processes=processes,
        report=report,
        nouns=nouns,
        interruption=parsed.interruption,
    )


def run_batch(
    tasks: Sequence[Task],
    load: Load[Summary],
    *,
    processes: int,
    report: Callable[[Result[Summary]], int],
    nouns: Nouns,
    interruption: Interruption,
) -> int:
    """
    Complete tasks in this number of processes, and return the exit code.

    `report` prints what became of a task, and returns its exit code. With several processes,
    `load` must be picklable. Raises what it raises.
    """
    exit_code = 0
    with BatchProgress(len(tasks), nouns, interruption) as progress:
        if processes > 1:
            results = run_in_parallel(tasks, load, progress, processes=processes)
        else:
            results = run_in_turn(tasks, load, progress)
        try:
            with closing(results):
                for result in results:
                    progress.finish(result.task.source, failed=result.error is not None)
                    with progress.hidden():
                        exit_code |= report(result)
        except KeyboardInterrupt:
            progress.close()
            print_message(progress.describe_stop())
            raise
    return exit_code
