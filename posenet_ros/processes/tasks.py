"""One of several tasks, and what became of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Generic, TypeAlias, TypeVar

from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.processes.watcher import Watcher
from posenet_ros.quoting import quoted, reason_of

Summary = TypeVar('Summary')


@dataclass(frozen=True)
class Task:
    """A recording or a video, and where its results go."""

    source: Path
    target: Path


@dataclass(frozen=True, eq=False)
class Result(Generic[Summary]):
    """What became of a task: a summary, or the error that ended it."""

    task: Task
    summary: Summary | None
    error: PosenetError | None = None


#: Completes a task, or raises what ended it. The summary must be picklable.
Work: TypeAlias = Callable[[Task, Watcher], Summary]
#: Returns the work, after loading what it needs, such as a network.
Load: TypeAlias = Callable[[], Work[Summary]]


def run_task(task: Task, work: Work[Summary], watcher: Watcher) -> Result[Summary]:
    """
    Complete a task; an error becomes its result, because other tasks do not depend on it.

    Raises KeyboardInterrupt after a signal, also if a library caught it before.
    """
    watcher.check()
    try:
        return Result(task, work(task, watcher))
    except Exception as error:  # whatever a library raises
        watcher.check()  # a signal may have become another error
        return Result(task, None, PosenetError(describe_failure(error, str(task.source))))


def describe_failure(error: Exception, source: str) -> str:
    """Return one line about the error that ended the processing of a source."""
    reason = reason_of(error)
    named = isinstance(error, PosenetError) and source in reason
    return reason if named else f'cannot process {source}: {reason}'


def name_targets(sources: Iterable[tuple[Path, str]], folder: Path) -> list[Task]:
    """
    Return a task for each source, whose target has the given name in a folder.

    Raises SettingError if two would be the same.
    """
    tasks: dict[str, Task] = {}
    for source, name in sources:
        if name in tasks:
            raise SettingError(
                f'the results of {tasks[name].source} and {source} would both be {folder / name}; '
                'process them in two commands, with different folders'
            )
        tasks[name] = Task(source, folder / name)
    return list(tasks.values())


def select_shard(tasks: Iterable[Task], shard: str | None) -> list[Task]:
    """Return the tasks of a shard I/N, or all of them, sorted by path; raises SettingError."""
    ordered = sorted(tasks, key=lambda task: str(task.source))
    if shard is None:
        return ordered
    match = re.fullmatch(r'(\d{1,6})/(\d{1,6})', shard)
    number, count = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= count:
        raise SettingError(
            f'--shard is {quoted(shard)}; write I/N, such as 1/4 to 4/4 on four machines'
        )
    first = number - 1
    return ordered[first::count]
