"""Processes that convert several bags at the same time."""

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
import multiprocessing
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
import signal
from typing import Any

from posenet_ros.bags.conversion import convert_bag
from posenet_ros.bags.conversion_run import ConversionSettings, Watcher
from posenet_ros.bags.summary import Summary
from posenet_ros.errors import BagError, PosenetError
from posenet_ros.estimation.estimator import PoseEstimator


@dataclass(frozen=True)
class Task:
    """A bag to convert."""

    source: Path
    target: Path


@dataclass(frozen=True, eq=False)
class Result:
    """What became of a task: a summary, or the error that ended it."""

    task: Task
    summary: Summary | None
    error: Exception | None = None


def convert_in_turn(
    tasks: Sequence[Task],
    load: Callable[[], PoseEstimator],
    settings: ConversionSettings,
    watcher: Watcher,
) -> Generator[Result, None, None]:
    """Convert bags one after the other in this process; raises what `load` raises."""
    estimator = load()
    for task in tasks:
        yield _convert(task, estimator, settings, watcher)


def convert_in_parallel(
    tasks: Sequence[Task],
    load: Callable[[], PoseEstimator],
    settings: ConversionSettings,
    watcher: Watcher,
    *,
    processes: int,
) -> Generator[Result, None, None]:
    """
    Convert bags in several processes, and return each result when it is there.

    `load` is called in each process, so it must be picklable. If a process dies, its bag counts as
    failed, and the other bags are converted. When the result is closed, all processes end.
    """
    waiting = list(reversed(tasks))
    workers: list[_Worker] = []
    try:
        for _ in range(min(processes, len(tasks))):
            workers.append(_Worker(load, settings))
            workers[-1].start(waiting.pop())
        while workers:
            for worker in _ready(workers):
                result = worker.receive(watcher)
                if result is None:
                    continue
                if waiting:
                    if not worker.is_alive:
                        workers.remove(worker)
                        worker = _Worker(load, settings)
                        workers.append(worker)
                    worker.start(waiting.pop())
                else:
                    workers.remove(worker)
                    worker.stop()
                yield result
    finally:
        for worker in workers:
            worker.stop()


def _ready(workers: Sequence['_Worker']) -> list['_Worker']:
    """Wait for messages, and return the workers that have some."""
    ready = wait([worker.connection for worker in workers])
    return [worker for worker in workers if worker.connection in ready]


class _Worker:
    """A process that converts one bag at a time."""

    def __init__(self, load: Callable[[], PoseEstimator], settings: ConversionSettings) -> None:
        # A forked process would inherit locks of ONNX Runtime's threads.
        context = multiprocessing.get_context('spawn')
        self.connection, other = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_work, args=(other, load, settings), daemon=True
        )
        self._process.start()
        other.close()
        self._task: Task | None = None

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def start(self, task: Task) -> None:
        self._task = task
        with suppress(BrokenPipeError):  # `receive` will find out
            self.connection.send(task)

    def receive(self, watcher: Watcher) -> Result | None:
        """Pass a message on to the watcher, or return the result of the task."""
        assert self._task is not None
        try:
            message: Any = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            return Result(self._task, None, self._death())
        if isinstance(message, Result):
            return message
        name, arguments = message
        getattr(watcher, name)(*arguments)
        return None

    def stop(self) -> None:
        """End the process; what it has not finished can be continued later."""
        self._process.terminate()
        self._process.join()
        self.connection.close()

    def _death(self) -> BagError:
        assert self._task is not None
        code = self._process.exitcode
        reason = f'signal {-code}' if code and code < 0 else f'exit code {code}'
        hint = '; maybe the memory was full: use fewer --jobs' if code == -signal.SIGKILL else ''
        return BagError(
            f'{self._task.source}: the process that converted it ended with {reason}{hint}; run '
            'the command again to continue'
        )


class _RemoteWatcher:
    """Passes everything on to the watcher in the process that started this one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, source: Path, images: int) -> None:
        self._connection.send(('begin', (source, images)))

    def advance(self) -> None:
        self._connection.send(('advance', ()))

    def notice(self, line: str) -> None:
        self._connection.send(('notice', (line,)))

    def check(self) -> None:
        """Do nothing: a signal ends this process at once."""


def _work(
    connection: Connection, load: Callable[[], PoseEstimator], settings: ConversionSettings
) -> None:
    """Convert bags until the process that started this one closes the connection, or ends."""
    # Ctrl-C goes to all processes of a terminal; the first process ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watcher = _RemoteWatcher(connection)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        estimator: PoseEstimator | Exception
        try:
            estimator = load()
        except PosenetError as error:
            estimator = error
        while True:
            task: Task = connection.recv()
            if isinstance(estimator, Exception):
                connection.send(Result(task, None, estimator))
            else:
                connection.send(_convert(task, estimator, settings, watcher))


def _convert(
    task: Task, estimator: PoseEstimator, settings: ConversionSettings, watcher: Watcher
) -> Result:
    try:
        summary = convert_bag(task.source, task.target, estimator, settings, watcher)
        return Result(task, summary)
    except BagError as error:
        return Result(task, None, error)
    except OSError as error:  # such as a folder that must not be read
        return Result(task, None, BagError(f'cannot convert {task.source}: {error}'))
