"""One run of `posenet bag`: which bags it converts, with which settings, and what it reports."""

import argparse
from collections.abc import Iterator
from functools import partial
import os
from pathlib import Path
import re

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.bags.conversion_settings import ConversionSettings
from posenet_ros.bags.processes.batch import convert_in_parallel, convert_in_turn
from posenet_ros.bags.processes.tasks import Result, Task
from posenet_ros.bags.storage.recording import is_bag_folder
from posenet_ros.bags.summary import Summary
from posenet_ros.cli.network_options import (
    id_rows,
    read_attention,
    read_poses,
    refuse_options,
)
from posenet_ros.cli.options import read_settings
from posenet_ros.cli.output import print_message, print_text
from posenet_ros.cli.recordings.bag_progress import BagProgress
from posenet_ros.errors import SettingError
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.quoting import quoted
from posenet_ros.tracking import TrackingSettings


def convert_bags(parsed: argparse.Namespace) -> int:
    """Convert the bags that the user named, and return the exit code."""
    settings = _read_conversion(parsed)
    tasks = _shard(_tasks(parsed.source, parsed.target), parsed.shard)
    if parsed.jobs < 1:
        raise SettingError(f'--jobs is {parsed.jobs}; choose at least 1')
    if not tasks:
        return 0
    exit_code = 0
    with BagProgress(len(tasks), parsed.interruption) as progress:
        try:
            for result in _results(parsed, tasks, settings, progress):
                with progress.hidden():
                    exit_code |= _report(result)
                progress.finish(result.task.source)
        except KeyboardInterrupt:
            progress.close()
            print_message(f'{progress}; to continue, run the same command again')
            raise
    return exit_code


def _results(
    parsed: argparse.Namespace,
    tasks: list[Task],
    settings: ConversionSettings,
    progress: BagProgress,
) -> Iterator[Result]:
    """Return the results of all tasks, as they come."""
    processes = min(parsed.jobs, len(tasks))
    runtime = read_settings(parsed, RuntimeSettings)
    if processes > 1 and parsed.intra_op_num_threads is None:
        # N processes with one thread each do more in total than one process with N threads, as
        # only the network uses several (docs/recordings.md).
        runtime = read_settings(parsed, RuntimeSettings, intra_op_num_threads=1)
    model = read_settings(parsed, ModelSettings)
    poses = settings.observation.poses
    load = partial(load_estimator, model, poses, runtime, report=print_message)
    if processes == 1:
        return convert_in_turn(tasks, load, settings, progress)
    return convert_in_parallel(tasks, load, settings, progress, processes=processes)


def _read_conversion(parsed: argparse.Namespace) -> ConversionSettings:
    """Return the settings that the user chose; raises SettingError."""
    if parsed.no_tracking:
        names = [row.name for row in id_rows()]
        refuse_options(parsed, names, 'with --no-tracking: leave one of them out')
    observation = ObservationSettings(
        read_poses(parsed),
        read_attention(parsed),
        read_settings(parsed, TrackingSettings, tracking=not parsed.no_tracking),
    )
    return ConversionSettings(
        observation=observation,
        topics=tuple(parsed.topic),
        copy=parsed.copy,
        annotations=parsed.annotations,
        storage=parsed.storage or '',
    )


def _tasks(sources: list[str], target: str) -> list[Task]:
    """
    Return each bag with the path of its new bag.

    Raises SettingError if two would be the same, or if the folder for new bags is a bag itself.
    """
    out = Path(target)
    is_output_folder = out.is_dir() and not is_bag_folder(out)
    if len(sources) == 1 and not is_output_folder and not target.endswith('/'):
        return [Task(Path(sources[0]), out)]
    if is_bag_folder(out) or out.is_file():
        raise SettingError(
            f'OUT is {out}, which is not a folder for new bags; name a folder after the recordings'
        )
    tasks: dict[str, Task] = {}
    for source in map(Path, sources):
        name = _name_of(source)
        if name in tasks:
            raise SettingError(
                f'{tasks[name].source} and {source} would both be converted to {out / name}; '
                'convert them into different folders'
            )
        tasks[name] = Task(source, out / name)
    return list(tasks.values())


def _name_of(source: Path) -> str:
    """Return the name of a new bag, also for sources such as `..` or links to folders."""
    if source.suffix in ('.mcap', '.db3'):
        return source.stem
    return Path(os.path.abspath(source)).name


def _shard(tasks: list[Task], shard: str | None) -> list[Task]:
    """Return the tasks of a shard I/N, sorted by path; raises SettingError."""
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


def _report(result: Result) -> int:
    """Print what became of a bag, and return the exit code."""
    if result.summary is None:
        print_message(result.error)
        return 1
    summary, target = result.summary, result.task.target
    topics = ', '.join(f'{image} -> {poses}' for image, poses in summary.topics.items())
    state = 'is there already' if summary.existed else 'written'
    print_text(
        f'{target} {state}: {summary.images} images, {summary.with_people} with people ({topics})'
    )
    for line in _describe_gaps(result.task, summary):
        print_message(line)
    return int(not summary.is_complete)


def _describe_gaps(task: Task, summary: Summary) -> Iterator[str]:
    """Return lines about what is missing in a new bag."""
    if summary.refused:
        yield f'{task.target} has no poses for {summary.refused} of {summary.images} images:'
    yield from (f'  {line}' for line in summary.refusals)
    if summary.refused > len(summary.refusals):
        yield f'  and for {summary.refused - len(summary.refusals)} more'
    if summary.without_ids:
        yield (
            f'{task.target} has poses without ids in {summary.without_ids} images, and people got '
            f'new ids after them: {summary.tracking_error}'
        )
    if summary.damage:
        yield f'{task.target} has only the poses for what could be read: {summary.damage}'
