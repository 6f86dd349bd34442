"""The options of `posenet estimate` about people over time, and about parts of videos."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
import math

from posenet_ros.cli.options import add_setting_option, read_settings
from posenet_ros.errors import SettingError
from posenet_ros.settings import Group, rows, Setting, setting
from posenet_ros.tracking import TrackingSettings
from posenet_ros.videos.frames import FrameSelection, parse_time

# The settings of tracking that concern ids. The command prints no smoothed keypoints.
_TRACKING = ('track_max_age', 'track_min_similarity', 'track_min_hits')
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
    for row in _tracking_rows():
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


def read_tracking(parsed: argparse.Namespace) -> TrackingSettings:
    """Return how people are followed; raises SettingError."""
    return read_settings(parsed, TrackingSettings)


def read_rate(parsed: argparse.Namespace) -> float:
    """Return how many images were taken per second; raises SettingError."""
    return read_settings(parsed, SequenceSettings).rate


def check_effects(parsed: argparse.Namespace, *, has_videos: bool) -> None:
    """Raise SettingError for an option that has no effect on the inputs."""
    if has_videos:
        return
    _refuse(parsed, _SELECTION, 'without a video')
    if not parsed.track:
        names = [row.name for row in _tracking_rows()]
        _refuse(parsed, [*names, 'search_interval'], 'without --track or a video: add --track')


def _refuse(parsed: argparse.Namespace, names: Iterable[str], reason: str) -> None:
    for name in names:
        if getattr(parsed, name) is not None:
            raise SettingError(f'--{name.replace("_", "-")} has no effect {reason}')


def _tracking_rows() -> list[Setting]:
    """Return the settings that have an effect only if people are followed."""
    return rows(SequenceSettings) + [
        row for row in rows(TrackingSettings) if row.name in _TRACKING
    ]
