"""One bag of several that are converted."""

from dataclasses import dataclass
from pathlib import Path

from posenet_ros.bags.conversion import convert_bag
from posenet_ros.bags.conversion_settings import ConversionSettings, Watcher
from posenet_ros.bags.summary import Summary
from posenet_ros.errors import BagError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.quoting import reason_of


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
    error: BagError | None = None


def convert_task(
    task: Task, estimator: PoseEstimator, settings: ConversionSettings, watcher: Watcher
) -> Result:
    """Convert a bag; an error becomes its result, because the other bags do not depend on it."""
    try:
        return Result(task, convert_bag(task.source, task.target, estimator, settings, watcher))
    except BagError as error:
        return Result(task, None, error)
    except Exception as error:  # such as a folder that must not be read
        watcher.check()  # a signal may have become another error
        return Result(task, None, BagError(f'cannot convert {task.source}: {reason_of(error)}'))
