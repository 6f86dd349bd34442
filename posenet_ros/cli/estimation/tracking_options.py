"""The options of `posenet estimate` about people over time, and about parts of videos."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
import math

from posenet_ros.cli.network_options import id_rows, refuse_options
from posenet_ros.cli.options import add_setting_option
from posenet_ros.settings import Group, rows, setting
from posenet_ros.videos.frames import FrameSelection, parse_time
from posenet_ros.videos.inputs import is_numbered, is_picture, is_readable

_SELECTION = ('every', 'start', 'end')


@dataclass(frozen=True, kw_only=True)
class SequenceSettings(Group):
    """When the images were taken."""

    rate: float = setting(
        30.0,
        'Images per second at which images were taken, for --track and for numbered images.',
        minimum=0.001,
        maximum=1000.0,
    )


def add_tracking_options(parser: argparse.ArgumentParser) -> None:
    """Add --track, and the options that have an effect only with it or for videos."""
    parser.add_argument(
        '--track',
        action='store_true',
        help='also follow people through single images, in the given order: each person gets an '
        'id that stays the same from image to image. Ids start again at 1 when the size of the '
        'images changes. In videos, people are always followed',
    )
    for row in [*rows(SequenceSettings), *id_rows()]:
        add_setting_option(parser, row)


def add_selection_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose frames of videos."""
    parser.add_argument(
        '--every', type=int, metavar='N', help='process only every Nth frame of a video'
    )
    time = 'in seconds, or as MM:SS or HH:MM:SS'
    parser.add_argument('--start', metavar='TIME', help=f'where to start in a video, {time}')
    parser.add_argument('--end', metavar='TIME', help=f'where to stop in a video, {time}')


def read_selection(parsed: argparse.Namespace) -> FrameSelection:
    """Return which frames of videos the user wants; raises SettingError."""
    return FrameSelection(
        every=1 if parsed.every is None else parsed.every,
        start=parse_time(parsed.start or '0'),
        end=math.inf if parsed.end is None else parse_time(parsed.end),
    )


def check_effects(parsed: argparse.Namespace, inputs: Sequence[str]) -> None:
    """
    Raise SettingError for an option that has no effect on the inputs.

    An input that cannot be read may be anything, so its own error is what the user needs to know.
    """
    if not all(map(is_readable, inputs)):
        return
    pictures = [is_picture(name) for name in inputs]
    if not any(pictures):
        reason = 'without a single image: in all other inputs, people are followed in any case'
        refuse_options(parsed, ['track'], reason)
    if not parsed.track and not any(map(is_numbered, inputs)):
        advice = 'add --track' if any(pictures) else 'the times are those of the video'
        refuse_options(parsed, ['rate'], f'without --track or numbered images: {advice}')
    if all(pictures):
        refuse_options(parsed, _SELECTION, 'without a video')
        if not parsed.track:
            names = [row.name for row in id_rows()]
            reason = 'without --track or a video: add --track'
            refuse_options(parsed, [*names, 'search_interval'], reason)
