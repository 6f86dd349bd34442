"""One run of a command that processes several recordings or videos."""

from collections.abc import Callable, Sequence
from contextlib import closing

from posenet_ros.cli.batches.batch_progress import BatchProgress, Nouns
from posenet_ros.cli.output import print_message
from posenet_ros.cli.signals import Interruption
from posenet_ros.processes.batch import run_in_parallel, run_in_turn
from posenet_ros.processes.tasks import Load, Result, Summary, Task


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
                    with progress.hidden():
                        exit_code |= report(result)
                    progress.finish(result.task.source)
        except KeyboardInterrupt:
            progress.close()
            print_message(f'{progress}; to continue, run the same command again')
            raise
    return exit_code
