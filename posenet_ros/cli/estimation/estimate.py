"""`posenet estimate`: find the poses in images, videos and webcams."""

import argparse
from pathlib import Path

from posenet_ros.cli.estimation.annotations import AnnotatedFiles
from posenet_ros.cli.estimation.batch.video_batch import (
    add_output_options,
    check_output_options,
    process_videos,
)
from posenet_ros.cli.estimation.job import Job
from posenet_ros.cli.estimation.outputs import Outputs
from posenet_ros.cli.estimation.pictures import Pictures
from posenet_ros.cli.estimation.tracking_options import (
    add_selection_options,
    add_tracking_options,
    check_effects,
    read_selection,
    SequenceSettings,
)
from posenet_ros.cli.estimation.video_run import process_video
from posenet_ros.cli.network_options import add_network_options, read_attention, read_poses
from posenet_ros.cli.options import Commands, read_quality, read_settings
from posenet_ros.cli.output import OutputError, print_message
from posenet_ros.errors import SettingError
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.processes.tasks import describe_failure
from posenet_ros.tracking import TrackingSettings
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


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('estimate', help=_SUMMARY, description=_DESCRIPTION, usage=_USAGE)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument('input', nargs='+', metavar='INPUT', help='image, video or webcam')
    _add_output_options(parser)
    add_output_options(parser)
    add_selection_options(parser)
    add_tracking_options(parser)
    add_network_options(parser)


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
    """Process the inputs, and return the exit code."""
    check_output_options(parsed)
    check_effects(parsed, parsed.input)
    if parsed.output is not None:
        return process_videos(parsed)
    if parsed.report and not parsed.annotate:
        raise SettingError('--report has no effect without --annotate: add --annotate DIR')
    attention, tracking = read_attention(parsed), read_settings(parsed, TrackingSettings)
    rate, selection = read_settings(parsed, SequenceSettings).rate, read_selection(parsed)
    model, runtime = read_settings(parsed, ModelSettings), read_settings(parsed, RuntimeSettings)
    estimator = load_estimator(model, read_poses(parsed), runtime, report=print_message)
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
        pictures = [is_picture(name) for name in parsed.input]
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
                process_video(name, job, parsed.interruption)
        except OutputError:
            raise
        except Exception as error:  # must not end the batch, whatever OpenCV or NumPy raises
            exit_code = 1
            if parsed.interruption.exit_code is None:
                print_message(describe_failure(error, name))
        if parsed.interruption.exit_code is not None:  # a library caught KeyboardInterrupt
            return 1
    return exit_code
