"""Converting several bags, one after the other or at the same time."""

from collections.abc import Callable, Generator, Sequence
from multiprocessing.connection import wait

from posenet_ros.bags.conversion_settings import ConversionSettings, Watcher
from posenet_ros.bags.processes.tasks import convert_task, Result, Task
from posenet_ros.bags.processes.worker_process import Worker
from posenet_ros.estimation.estimator import PoseEstimator


def convert_in_turn(
    tasks: Sequence[Task],
    load: Callable[[], PoseEstimator],
    settings: ConversionSettings,
    watcher: Watcher,
) -> Generator[Result, None, None]:
    """Convert bags one after the other in this process; raises what `load` raises."""
    estimator = load()
    for task in tasks:
        yield convert_task(task, estimator, settings, watcher)


def convert_in_parallel(
    tasks: Sequence[Task],
    load: Callable[[], PoseEstimator],
    settings: ConversionSettings,
    watcher: Watcher,
    *,
    processes: int,
) -> Generator[Result, None, None]:
    """
    Convert bags in several processes, and yield each result as soon as it is available.

    `load` is called in each process, so it must be picklable. If a process dies, its bag counts as
    failed, and the other bags are converted. When the result is closed, all processes end. Raises
    PosenetError if a process cannot load the network.
    """
    waiting = list(reversed(tasks))
    workers: list[Worker] = []
    try:
        for _ in range(min(processes, len(tasks))):
            workers.append(Worker(load, settings))
            workers[-1].start(waiting.pop())
        while workers:
            for worker in _ready(workers):
                result = worker.receive(watcher)
                if result is None:
                    continue
                if waiting:
                    if not worker.is_alive:
                        workers.remove(worker)
                        worker = Worker(load, settings)
                        workers.append(worker)
                    worker.start(waiting.pop())
                else:
                    workers.remove(worker)
                    worker.close()
                yield result
    finally:
        for worker in workers:
            worker.interrupt()
        for worker in workers:
            worker.close()


def _ready(workers: Sequence[Worker]) -> list[Worker]:
    """Wait for messages, and return the workers that have some."""
    ready = wait([worker.connection for worker in workers])
    return [worker for worker in workers if worker.connection in ready]
