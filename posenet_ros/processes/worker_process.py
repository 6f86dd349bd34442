"""A process that completes tasks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
import multiprocessing
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
import signal
import time
from types import FrameType
from typing import Any, Generic, NoReturn

from posenet_ros.errors import PosenetError
from posenet_ros.processes.tasks import Load, Result, run_task, Summary, Task
from posenet_ros.processes.watcher import Watcher
from posenet_ros.quoting import reason_of

# Seconds until a process that should end is killed. It ends after the run of the network.
_PATIENCE = 30.0


class Worker(Generic[Summary]):
    """A process that completes one task at a time."""

    def __init__(self, load: Load[Summary]) -> None:
        """Start the process, which calls `load` once; `close` must be called."""
        # A forked process would inherit locks of ONNX Runtime's threads.
        context = multiprocessing.get_context('spawn')
        self.connection, other = context.Pipe()
        self._process: BaseProcess = context.Process(target=_work, args=(other, load), daemon=True)
        with _interrupt_blocked():
            self._process.start()
        other.close()
        self._task: Task | None = None

    @property
    def is_alive(self) -> bool:
        """Return whether the process can complete another task."""
        return self._process.is_alive()

    def start(self, task: Task) -> None:
        """Complete a task; its messages and its result must be received."""
        self._task = task
        with suppress(BrokenPipeError, ConnectionResetError):  # `receive` will find out
            self.connection.send(task)

    def receive(self, watcher: Watcher) -> Result[Summary] | None:
        """
        Pass a message on to the watcher, or return the result of the task.

        Raises PosenetError if `load` failed in the process.
        """
        assert self._task is not None
        try:
            message: Any = self.connection.recv()
        except (EOFError, OSError):  # also in the middle of a message
            self.close()
            return Result(self._task, None, self._death())
        if isinstance(message, PosenetError):
            raise message
        if isinstance(message, Result):
            return message
        name, arguments, options = message
        getattr(watcher, name)(*arguments, **options)
        return None

    def interrupt(self) -> None:
        """Let the process end soon; what it has not finished can be continued later."""
        self._process.terminate()

    def close(self, *, patience: float | None = None) -> None:
        """End the process after its task, or kill it after `patience` seconds, by default 30."""
        self.connection.close()
        self._process.join(_PATIENCE if patience is None else patience)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _death(self) -> PosenetError:
        assert self._task is not None
        code = self._process.exitcode
        reason = f'signal {-code}' if code and code < 0 else f'exit code {code}'
        hint = '; maybe the memory was full: use fewer --jobs' if code == -signal.SIGKILL else ''
        return PosenetError(
            f'{self._task.source}: its process ended with {reason}{hint}; run the command again '
            'to continue'
        )


def end_all(workers: Sequence[Worker[Any]]) -> None:
    """Interrupt all processes, and kill those that have not ended after 30 s in total."""
    for worker in workers:
        worker.interrupt()
    deadline = time.monotonic() + _PATIENCE
    for worker in workers:
        worker.close(patience=max(0.0, deadline - time.monotonic()))


@contextmanager
def _interrupt_blocked() -> Iterator[None]:
    """
    Block SIGINT during the block, for a process that is started in it.

    Ctrl-C goes to all processes of a terminal. In a new process, it would be reported as an error
    of the imports. Here, the signal arrives after the block.
    """
    resource_tracker.ensure_running()  # otherwise, the start would do this, which unblocks SIGINT
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _RemoteWatcher:
    """Passes everything on to the watcher in the process that started this one."""

    def __init__(self, connection: Connection, termination: '_Termination') -> None:
        self._connection = connection
        self._termination = termination

    def begin(self, source: Path, images: int) -> None:
        self._connection.send(('begin', (source, images), {}))

    def advance(self, *, recalled: bool = False) -> None:
        self._connection.send(('advance', (), {'recalled': recalled}))

    def notice(self, line: str) -> None:
        self._connection.send(('notice', (line,), {}))

    def check(self) -> None:
        self._termination.check()


class _Termination:
    """Whether SIGTERM has interrupted this process; the first process sends it on Ctrl-C."""

    def __init__(self) -> None:
        self._arrived = False

    def handle(self, number: int, _: FrameType | None) -> NoReturn:
        """Interrupt the task, so that all contexts are left and no temporary files remain."""
        signal.signal(number, signal.SIG_IGN)  # a second one would interrupt that
        self._arrived = True
        raise KeyboardInterrupt

    def check(self) -> None:
        """Raise KeyboardInterrupt after the signal, which a library may have caught."""
        if self._arrived:
            raise KeyboardInterrupt


def _work(connection: Connection, load: Load[Any]) -> None:
    """Complete tasks until the process that started this one closes the connection, or ends."""
    # Ctrl-C goes to all processes of a terminal; the first process ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    termination = _Termination()
    signal.signal(signal.SIGTERM, termination.handle)
    try:
        with suppress(EOFError, OSError):  # of the connection
            _run_tasks(connection, load, _RemoteWatcher(connection, termination))
        # While Python shuts down, the error of the handler would be printed with a traceback.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGTERM) from None


def _run_tasks(connection: Connection, load: Load[Any], watcher: Watcher) -> None:
    """
    Load what is needed, and run tasks until the connection ends.

    Raises EOFError or OSError then, and KeyboardInterrupt after SIGTERM.
    """
    try:
        work = load()
    except PosenetError as error:
        connection.send(error)
        return
    except Exception as error:  # not a traceback of each process
        watcher.check()  # a signal may have become another error
        connection.send(PosenetError(f'a process cannot start its work: {reason_of(error)}'))
        return
    while True:
        connection.send(run_task(connection.recv(), work, watcher))
        watcher.check()
