"""Several tasks, one after the other or at the same time."""

from collections.abc import Generator, Sequence
from multiprocessing.connection import wait

from posenet_ros.processes.tasks import Load, Result, run_task, Summary, Task
from posenet_ros.processes.watcher import Watcher
from posenet_ros.processes.worker_process import end_all, Worker

# Seconds between checks for a signal whose exception a library may have caught.
_CHECK = 0.5


def run_in_turn(
    tasks: Sequence[Task], load: Load[Summary], watcher: Watcher
) -> Generator[Result[Summary], None, None]:
    """Complete tasks one after the other in this process; raises what `load` raises."""
    work = load()
    for task in tasks:
        yield run_task(task, work, watcher)


def run_in_parallel(
    tasks: Sequence[Task], load: Load[Summary], watcher: Watcher, *, processes: int
) -> Generator[Result[Summary], None, None]:
    """
    Complete tasks in several processes, and yield each result as soon as it is available.

    `load` is called in each process, so it must be picklable. If a process dies, its task counts
    as failed, and the other tasks are completed. When the result is closed, all processes end.
    Raises PosenetError if `load` fails in a process, and KeyboardInterrupt after a signal.
    """
    waiting = list(reversed(tasks))
    workers: list[Worker[Summary]] = []
    try:
        for _ in range(min(processes, len(tasks))):
            workers.append(Worker(load))
            workers[-1].start(waiting.pop())
        while workers:
            watcher.check()
            for worker in _ready(workers):
                result = worker.receive(watcher)
                if result is None:
                    continue
                if waiting:
                    if not worker.is_alive:
                        workers.remove(worker)
                        worker = Worker(load)
                        workers.append(worker)
                    worker.start(waiting.pop())
                else:
                    workers.remove(worker)
                    worker.close()
                yield result
    finally:
        end_all(workers)


def _ready(workers: Sequence[Worker[Summary]]) -> list[Worker[Summary]]:
    """Wait for messages for a short time, and return the workers that have some."""
    ready = wait([worker.connection for worker in workers], timeout=_CHECK)
    return [worker for worker in workers if worker.connection in ready]
