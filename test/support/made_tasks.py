"""Tasks for tests of processes: files whose length is counted, and work that fails or waits."""

import atexit
from contextlib import suppress
import os
from pathlib import Path
import signal
import threading

from posenet_ros.errors import PosenetError
from posenet_ros.processes.tasks import Task, Work
from posenet_ros.processes.watcher import Watcher


class Noting:
    """Notes what a watcher receives."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.images: dict[Path, int] = {}
        self.done = 0
        self.notices: list[str] = []

    def begin(self, source: Path, images: int) -> None:
        """Note a source."""
        self.images[source] = images

    def advance(self, *, recalled: bool = False) -> None:
        """Count an image."""
        self.done += 1

    def notice(self, line: str) -> None:
        """Note a line."""
        self.notices.append(line)

    def check(self) -> None:
        """Do nothing."""


def made_tasks(folder: Path, **texts: str) -> list[Task]:
    """Write a file with each text, and return a task for each."""
    tasks = []
    for name, text in texts.items():
        (folder / name).write_text(text)
        tasks.append(Task(folder / name, folder / f'out_{name}'))
    return tasks


def load_length() -> Work[int]:
    """Return `length`."""
    return length


def length(task: Task, watcher: Watcher) -> int:
    """Return the number of letters in the source of a task, each of which counts as an image."""
    text = task.source.read_text()
    watcher.begin(task.source, len(text))
    if text == 'bad':
        raise PosenetError(f'{task.source} is bad')
    watcher.notice(f'{task.source.name} was read')
    for _ in text:
        watcher.advance()
    return len(text)


def load_and_die_once(flag: Path) -> Work[int]:
    """Return `length`, but kill the process if there is no file `flag` yet."""
    if not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return length


def refuse_to_load() -> Work[int]:
    """Raise an error."""
    raise PosenetError('no network')


def fail_to_load() -> Work[int]:
    """Raise an error of a library."""
    raise RuntimeError('no library')


def refuse_to_load_and_terminate_at_exit() -> Work[int]:
    """Raise an error, and send SIGTERM to this process while it ends."""
    atexit.register(os.kill, os.getpid(), signal.SIGTERM)
    return refuse_to_load()


def note_blocked_signals(path: Path) -> Work[int]:
    """Write the numbers of the blocked signals into a file, and load nothing."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    path.write_text(' '.join(str(int(one)) for one in sorted(blocked)))
    raise PosenetError('no network')


def load_waiting_work(began: Path, ended: Path) -> Work[int]:
    """Return work that creates a file, waits for a signal, and creates another when it ends."""

    def wait(_: Task, __: Watcher) -> int:
        try:
            began.touch()
            while True:
                signal.pause()
        except KeyboardInterrupt:
            ended.touch()
            raise

    return wait


def load_work_that_swallows_an_interruption(began: Path) -> Work[int]:
    """Return work that creates a file, catches the interruption as a library may, and goes on."""

    def swallow(_: Task, watcher: Watcher) -> int:
        try:
            began.touch()
            threading.Event().wait(60)
        except KeyboardInterrupt:
            watcher.check()
        return 0

    return swallow


def load_work_that_turns_an_interruption_into_an_error(began: Path) -> Work[int]:
    """Return work that creates a file, and raises another exception when it is interrupted."""

    def turn(_: Task, __: Watcher) -> int:
        try:
            began.touch()
            threading.Event().wait(60)
        except KeyboardInterrupt:
            raise RuntimeError('an error of a library') from None
        return 0

    return turn


def load_stubborn_work(folder: Path) -> Work[int]:
    """Return work that creates a file with the name of its source, and ignores an interruption."""

    def wait(task: Task, __: Watcher) -> int:
        (folder / f'began_{task.source.name}').touch()
        for _ in range(2):
            with suppress(KeyboardInterrupt):
                threading.Event().wait(60)
        return 0

    return wait


def load_announced_work() -> Work[int]:
    """Return work that announces its source, and then waits for a signal."""

    def announce(task: Task, watcher: Watcher) -> int:
        watcher.begin(task.source, 1)
        threading.Event().wait(60)
        return 0

    return announce
