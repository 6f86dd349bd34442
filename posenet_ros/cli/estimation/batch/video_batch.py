"""One run of `posenet estimate --output`: which videos it processes, and what it reports."""

import argparse
from functools import partial
from pathlib import Path
import re

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.cli.batches.batch_options import add_batch_options
from posenet_ros.cli.batches.batch_progress import VIDEOS
from posenet_ros.cli.batches.batch_run import run_with_network
from posenet_ros.cli.estimation.batch.video_task import (
    load_video_work,
    SavedVideo,
    VideoSettings,
)
from posenet_ros.cli.estimation.tracking_options import read_selection, SequenceSettings
from posenet_ros.cli.network_options import read_attention, read_poses, refuse_options
from posenet_ros.cli.options import read_quality, read_settings
from posenet_ros.cli.output import print_message, print_text
from posenet_ros.errors import SettingError
from posenet_ros.processes.tasks import name_targets, Result
from posenet_ros.tracking import TrackingSettings
from posenet_ros.videos.inputs import is_image_file, is_numbered, is_webcam
from posenet_ros.videos.pyav import load_pyav

_FORMATS = ('jsonl', 'csv', 'mp4')
# Options with an effect on all inputs together, and what to use instead of each.
_OTHER_OUTPUTS = {
    'json': '--format jsonl',
    'csv': '--format csv',
    'annotate': '--format mp4',
    'report': 'a command without --output',
}
_ONLY = '; only with --output'


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add --output, and the options that have an effect only with it."""
    parser.add_argument(
        '--output',
        type=Path,
        metavar='DIR',
        help='write the results of each video into a folder of its own in this folder, with the '
        'name of the video. The folder appears when it is complete, and later runs skip it, so '
        'after an interruption the same command processes what is missing. Only for videos and '
        'numbered images',
    )
    parser.add_argument(
        '--format',
        action='append',
        choices=_FORMATS,
        help='what to write about each video: poses.jsonl (the lines of --json), poses.csv (the '
        'table of --csv) or an annotated copy; may be given several times [default: jsonl]'
        f'{_ONLY}',
    )
    add_batch_options(parser, VIDEOS, only=_ONLY)


def check_output_options(parsed: argparse.Namespace) -> None:
    """Raise SettingError for an option that has no effect with or without --output."""
    if parsed.output is None:
        advice = 'without --output: add --output DIR, the folder for the results of each video'
        refuse_options(parsed, ['format', 'jobs', 'shard'], advice)
        return
    for option, other in _OTHER_OUTPUTS.items():
        refuse_options(parsed, [option], f'with --output: use {other} instead')
    for name in parsed.input:
        if is_webcam(name) or is_image_file(name):
            kind = 'webcam' if is_webcam(name) else 'single image'
            raise SettingError(
                f'--output is for videos and numbered images, and {name} is a {kind}: process it '
                'with a command of its own, without --output'
            )
    if parsed.output.exists() and not parsed.output.is_dir():
        raise SettingError(f'--output is {parsed.output}, which is not a folder; choose another')


def process_videos(parsed: argparse.Namespace) -> int:
    """Process the videos that the user named, and return the exit code."""
    settings = _read_video_settings(parsed)
    named = ((Path(name), _name_of(name)) for name in parsed.input)
    tasks = name_targets(named, parsed.output)
    if not all(map(is_numbered, parsed.input)):
        load_pyav()  # if it is missing, that is one error, and not one for each video
    return run_with_network(
        parsed,
        tasks,
        partial(load_video_work, settings=settings),
        settings.observation.poses,
        report=_report,
        nouns=VIDEOS,
    )


def _read_video_settings(parsed: argparse.Namespace) -> VideoSettings:
    """Return the settings that the user chose; raises SettingError."""
    observation = ObservationSettings(
        read_poses(parsed), read_attention(parsed), read_settings(parsed, TrackingSettings)
    )
    return VideoSettings(
        observation=observation,
        quality=read_quality(parsed),
        rate=read_settings(parsed, SequenceSettings).rate,
        selection=read_selection(parsed),
        formats=tuple(parsed.format or ('jsonl',)),
    )


def _name_of(name: str) -> str:
    """Return the name of the folder for a video; that of numbered images has their folder's."""
    path = Path(name)
    if not is_numbered(name):
        return path.stem
    return re.sub(r'[%_\s]+', '_', f'{path.absolute().parent.name}_{path.stem}')


def _report(result: Result[SavedVideo]) -> int:
    """Print what became of a video, and return the exit code."""
    if result.summary is None:
        print_message(result.error)
        return 1
    summary, target = result.summary.summary, result.task.target
    state = 'already exists' if result.summary.existed else 'written'
    print_text(f'{target} {state}: {summary.describe()}')
    if summary.damage:
        print_message(
            f'{target} has only the frames that could be read: {summary.damage}; to try again, '
            f'delete {target}'
        )
    return int(bool(summary.damage))
