"""A process that converts bags."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import multiprocessing
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
import signal
from types import FrameType
from typing import Any, NoReturn

from posenet_ros.bags.conversion_settings import ConversionSettings, Watcher
from posenet_ros.bags.processes.tasks import convert_task, Result, Task
from posenet_ros.errors import BagError, PosenetError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.quoting import reason_of

# Seconds until a process that should end is killed. It ends after the run of the network.
_PATIENCE = 30.0


class Worker:
    """A process that converts one bag at a time."""

    def __init__(self, load: Callable[[], PoseEstimator], settings: ConversionSettings) -> None:
        """Start the process, which loads the network with `load`; `close` must be called."""
        # A forked process would inherit locks of ONNX Runtime's threads.
        context = multiprocessing.get_context('spawn')
        self.connection, other = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_work, args=(other, load, settings), daemon=True
        )
        with _interrupt_blocked():
            self._process.start()
        other.close()
        self._task: Task | None = None

    @property
    def is_alive(self) -> bool:
        """Return whether the process can convert another bag."""
        return self._process.is_alive()

    def start(self, task: Task) -> None:
        """Convert a bag; its messages and its result must be received."""
        self._task = task
        with suppress(BrokenPipeError, ConnectionResetError):  # `receive` will find out
            self.connection.send(task)

    def receive(self, watcher: Watcher) -> Result | None:
        """
        Pass a message on to the watcher, or return the result of the task.

        Raises PosenetError if the process cannot load the network.
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

    def close(self) -> None:
        """End the process after its task, or kill it if that takes too long."""
        self.connection.close()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _death(self) -> BagError:
        assert self._task is not None
        code = self._process.exitcode
        reason = f'signal {-code}' if code and code < 0 else f'exit code {code}'
        hint = '; maybe the memory was full: use fewer --jobs' if code == -signal.SIGKILL else ''
        return BagError(
            f'{self._task.source}: the process that converted it ended with {reason}{hint}; run '
            'the command again to continue'
        )


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

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, source: Path, images: int) -> None:
        self._connection.send(('begin', (source, images), {}))

    def advance(self, *, recalled: bool) -> None:
        self._connection.send(('advance', (), {'recalled': recalled}))

    def notice(self, line: str) -> None:
        self._connection.send(('notice', (line,), {}))

    def check(self) -> None:
        """Do nothing: only the first process receives SIGINT."""


def _end(number: int, _: FrameType | None) -> NoReturn:
    """End this process, but leave all contexts first, so that no temporary files remain."""
    signal.signal(number, signal.SIG_IGN)  # a second one would interrupt that
    raise SystemExit(128 + number)


def _work(
    connection: Connection, load: Callable[[], PoseEstimator], settings: ConversionSettings
) -> None:
    """Convert bags until the process that started this one closes the connection, or ends."""
    # Ctrl-C goes to all processes of a terminal; the first process ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    try:
        with suppress(EOFError, OSError):  # of the connection
            _convert_tasks(connection, load, settings)
    finally:
        # While Python shuts down, the error of `_end` would be printed with a traceback.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _convert_tasks(
    connection: Connection, load: Callable[[], PoseEstimator], settings: ConversionSettings
) -> None:
    """Load the network, and convert bags until the connection ends; raises EOFError, OSError."""
    try:
        estimator = load()
    except PosenetError as error:
        connection.send(error)
        return
    except Exception as error:  # not a traceback of each process
        connection.send(PosenetError(f'cannot load the network: {reason_of(error)}'))
        return
    watcher = _RemoteWatcher(connection)
    while True:
        connection.send(convert_task(connection.recv(), estimator, settings, watcher))
