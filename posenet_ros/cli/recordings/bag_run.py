"""One run of `posenet bag`: which bags it converts, with which settings, and what it reports."""

import argparse
from collections.abc import Iterator
from functools import partial
import os
from pathlib import Path

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.bags.conversion import load_conversion
from posenet_ros.bags.conversion_settings import ConversionSettings
from posenet_ros.bags.storage.recording import is_bag_folder
from posenet_ros.bags.summary import Summary
from posenet_ros.cli.batches.batch_progress import BAGS
from posenet_ros.cli.batches.batch_run import run_with_network
from posenet_ros.cli.network_options import (
    id_rows,
    read_attention,
    read_poses,
    refuse_options,
)
from posenet_ros.cli.options import read_settings
from posenet_ros.cli.output import print_message, print_text
from posenet_ros.errors import SettingError
from posenet_ros.processes.tasks import name_targets, Result, Task
from posenet_ros.tracking import TrackingSettings


def convert_bags(parsed: argparse.Namespace) -> int:
    """Convert the bags that the user named, and return the exit code."""
    settings = _read_conversion(parsed)
    return run_with_network(
        parsed,
        _tasks(parsed.source, parsed.target),
        partial(load_conversion, settings=settings),
        settings.observation.poses,
        report=_report,
        nouns=BAGS,
    )


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
    return name_targets(((Path(one), _name_of(Path(one))) for one in sources), out)


def _name_of(source: Path) -> str:
    """Return the name of a new bag, also for sources such as `..` or links to folders."""
    if source.suffix in ('.mcap', '.db3'):
        return source.stem
    return Path(os.path.abspath(source)).name


def _report(result: Result[Summary]) -> int:
    """Print what became of a bag, and return the exit code."""
    if result.summary is None:
        print_message(result.error)
        return 1
    summary, target = result.summary, result.task.target
    topics = ', '.join(f'{image} -> {poses}' for image, poses in summary.topics.items())
    state = 'already exists' if summary.existed else 'written'
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
