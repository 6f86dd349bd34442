"""`posenet estimate`: find the poses in images, videos and webcams."""

import argparse
from pathlib import Path

from posenet_ros.cli.estimation.annotations import AnnotatedFiles
from posenet_ros.cli.estimation.job import Job
from posenet_ros.cli.estimation.outputs import Outputs
from posenet_ros.cli.estimation.pictures import Pictures
from posenet_ros.cli.estimation.tracking_options import (
    add_selection_options,
    add_tracking_options,
    check_effects,
    read_rate,
    read_selection,
    read_tracking,
)
from posenet_ros.cli.estimation.video_run import process_video
from posenet_ros.cli.options import add_setting_option, Commands, read_quality, read_settings
from posenet_ros.cli.output import OutputError, print_message
from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.estimation.quality import QualitySettings
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.quoting import shortened
from posenet_ros.settings import PoseSettings, rows
from posenet_ros.videos.inputs import is_picture

_SUMMARY = 'find the poses of people in images and videos'
_DESCRIPTION = (
    'Find people in images, videos, numbered images (frames/%04d.png) and webcams (0 is the '
    'first one), and print the positions of their keypoints. In all but single images, people are '
    'followed from frame to frame. If an input cannot be processed, the command continues with '
    'the others and exits with code 1.'
)
# argparse would list every option, which hides the message below it.
_USAGE = 'posenet estimate [options] INPUT [INPUT ...]'

_GROUPS = (QualitySettings, ModelSettings, RuntimeSettings, PoseSettings)
# The settings that exclude each other.
_FRAMING = ('image_scale_factor', 'input_size')
# The settings that have an effect only with closer_look.
_CLOSER_LOOK = ('search_interval', 'max_regions', 'region_size')


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('estimate', help=_SUMMARY, description=_DESCRIPTION, usage=_USAGE)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument('input', nargs='+', metavar='INPUT', help='image, video or webcam')
    _add_output_options(parser)
    add_selection_options(parser)
    add_tracking_options(parser)
    parser.add_argument(
        '--single',
        action='store_true',
        help='find at most one person (decoding_method single_person)',
    )
    framing = parser.add_mutually_exclusive_group()
    for row in [row for group in _GROUPS for row in rows(group)]:
        if row.name != 'decoding_method':  # which is --single
            add_setting_option(framing if row.name in _FRAMING else parser, row)
    for row in rows(AttentionSettings):
        add_setting_option(parser, row)


def _add_output_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--json', action='store_true', help='print one line of JSON per image or frame'
    )
    parser.add_argument(
        '--csv',
        type=Path,
        metavar='FILE',
        help='write a table with one row for each person in each image or frame into this file',
    )
    parser.add_argument(
        '--annotate',
        type=Path,
        metavar='DIR',
        help='write a copy of each image (PNG) and video (MP4), with the poses drawn on it, into '
        'this folder',
    )
    parser.add_argument(
        '--report',
        type=Path,
        metavar='FILE.html',
        help='write a page with the annotated copies and plots of scores, of the number of people '
        'and of a keypoint over time, which needs no network, into this file; only with '
        '--annotate',
    )


def run(parsed: argparse.Namespace) -> int:
    """Process the inputs one by one, and return the exit code."""
    pictures = [is_picture(name) for name in parsed.input]
    check_effects(parsed, has_videos=not all(pictures))
    if parsed.report and not parsed.annotate:
        raise SettingError('--report has no effect without --annotate: add --annotate DIR')
    attention, tracking = _read_attention(parsed), read_tracking(parsed)
    rate, selection = read_rate(parsed), read_selection(parsed)
    estimator = _load_estimator(parsed)
    with Outputs(json=parsed.json, csv=parsed.csv, report=parsed.report) as outputs:
        job = Job(
            estimator=estimator,
            quality=read_quality(parsed),
            attention=attention,
            tracking=tracking,
            track=parsed.track,
            rate=rate,
            selection=selection,
            outputs=outputs,
            annotated=AnnotatedFiles(parsed.annotate) if parsed.annotate else None,
        )
        if parsed.track and 0 < sum(pictures) < tracking.track_min_hits:
            print_message(
                f'nobody in the images gets an id: a person needs to be found in '
                f'{tracking.track_min_hits} of them (--track-min-hits)'
            )
        return _process_all(parsed, job, pictures)


def _process_all(parsed: argparse.Namespace, job: Job, pictures: list[bool]) -> int:
    exit_code, index = 0, -1
    single = Pictures(job)
    for name, picture in zip(parsed.input, pictures, strict=True):
        try:
            if picture:
                index += 1
                single.process(name, index)
            else:
                process_video(name, job)
        except OutputError:
            raise
        except Exception as error:  # must not end the batch, whatever OpenCV or NumPy raises
            exit_code = 1
            if parsed.interruption.exit_code is None:
                print_message(_describe(error, name))
        if parsed.interruption.exit_code is not None:  # a library caught KeyboardInterrupt
            return 1
    return exit_code


def _describe(error: Exception, name: str) -> str:
    """Return one line about an error while an input was processed."""
    if isinstance(error, PosenetError):
        message = str(error)
        return message if name in message else f'cannot process {name}: {message}'
    reason = shortened(' '.join(str(error).split()))
    return f'cannot process {name}: {type(error).__name__}: {reason}'


def _read_attention(parsed: argparse.Namespace) -> AttentionSettings:
    attention = read_settings(parsed, AttentionSettings)
    for name in _CLOSER_LOOK:
        if attention.attention != 'closer_look' and getattr(parsed, name) is not None:
            option = f'--{name.replace("_", "-")}'
            advice = 'add --attention closer_look'
            raise SettingError(f'{option} has no effect without --attention closer_look: {advice}')
    return attention


def _load_estimator(parsed: argparse.Namespace) -> PoseEstimator:
    model = read_settings(parsed, ModelSettings)
    runtime = read_settings(parsed, RuntimeSettings)
    method = 'single_person' if parsed.single else 'multi_person'
    settings = read_settings(parsed, PoseSettings, decoding_method=method)
    return load_estimator(model, settings, runtime, report=print_message)
