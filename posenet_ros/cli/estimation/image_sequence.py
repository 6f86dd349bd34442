"""The images of one run of `posenet estimate` as a sequence in which people are tracked."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posenet_ros.cli.options import add_setting_option, read_settings
from posenet_ros.cli.output import print_message
from posenet_ros.errors import SettingError
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.settings import Group, rows, Setting, setting
from posenet_ros.tracking import PersonTracker, TrackingSettings

# The settings of tracking that concern ids. The command prints no smoothed keypoints.
_TRACKING = ('track_max_age', 'track_min_similarity', 'track_min_hits')


@dataclass(frozen=True, kw_only=True)
class SequenceSettings(Group):
    """When the images were taken."""

    rate: float = setting(
        30.0,
        'Images per second at which the images were taken, for --track.',
        minimum=0.001,
        maximum=1000.0,
    )


class ImageSequence:
    """Tracks people through the images of one run."""

    def __init__(self, settings: TrackingSettings, *, rate: float) -> None:
        """Take the images as taken `rate` times per second."""
        self.settings = settings
        self._tracker = PersonTracker(settings)
        self._rate = rate
        self._size: Size | None = None
        self._index = -1

    def stamp(self, index: int) -> float:
        """Return when the image with an index was taken, in seconds after the first one."""
        return index / self._rate

    def track(
        self, poses: Sequence[Pose], path: Path, *, index: int, image_size: Size
    ) -> list[Pose]:
        """
        Return the poses in the image with this index among those of the run, with their ids.

        An index that is left out counts as an image without people.
        """
        if self._size and index > self._index + 1:
            self._tracker.update([], stamp=self.stamp(index - 1), image_size=self._size)
        self._index = index
        if self._size not in (None, image_size):
            print_message(
                f'{path} and the image before it differ in size, so ids start again at 1'
            )
        self._size = image_size
        return self._tracker.update(poses, stamp=self.stamp(index), image_size=image_size)


def add_tracking_options(parser: argparse.ArgumentParser) -> None:
    """Add --track, and the options that have an effect only with it."""
    parser.add_argument(
        '--track',
        action='store_true',
        help='give each person an id that stays the same from image to image: the images are a '
        'sequence, in the given order. Ids start again at 1 when the size of the images changes',
    )
    for row in _tracking_rows():
        add_setting_option(parser, row)


def _tracking_rows() -> list[Setting]:
    """Return the settings that have an effect only with --track."""
    return rows(SequenceSettings) + [
        row for row in rows(TrackingSettings) if row.name in _TRACKING
    ]


def new_sequence(parsed: argparse.Namespace) -> ImageSequence | None:
    """Return what tracks people, if the user wants that; raises SettingError."""
    if parsed.track:
        rate = read_settings(parsed, SequenceSettings).rate
        return ImageSequence(read_settings(parsed, TrackingSettings), rate=rate)
    for row in _tracking_rows():
        if getattr(parsed, row.name) is not None:
            option = f'--{row.name.replace("_", "-")}'
            raise SettingError(f'{option} has no effect without --track: add --track')
    return None
