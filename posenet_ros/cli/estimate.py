"""`posenet estimate`: find the poses in image files."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posenet_ros.cli.options import add_setting_option, Commands, read_settings
from posenet_ros.cli.output import ImageResult, OutputError, print_json, print_message, print_table
from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.estimation.quality import QualitySettings
from posenet_ros.framing.framing import Size
from posenet_ros.image_files import read_image, write_png
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.poses import Pose
from posenet_ros.quoting import shortened
from posenet_ros.settings import Group, PoseSettings, rows, Setting, setting
from posenet_ros.tracking import PersonTracker, TrackingSettings

_SUMMARY = 'find the poses of people in image files'
_DESCRIPTION = (
    'Find people in image files and print the positions of their keypoints. If a file cannot be '
    'processed, the command continues with the others and exits with code 1.'
)

_GROUPS = (QualitySettings, ModelSettings, RuntimeSettings, PoseSettings)
# The settings that exclude each other.
_FRAMING = ('image_scale_factor', 'input_size')
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
        self._tracker = PersonTracker(settings)
        self._rate = rate
        self._size: Size | None = None
        self._index = -1

    def track(
        self, poses: Sequence[Pose], path: Path, *, index: int, image_size: Size
    ) -> list[Pose]:
        """
        Return the poses in the image with this index among those of the run, with their ids.

        An index that is left out counts as an image without people.
        """
        if self._size and index > self._index + 1:
            self._tracker.update([], stamp=(index - 1) / self._rate, image_size=self._size)
        self._index = index
        if self._size not in (None, image_size):
            print_message(
                f'{path} and the image before it differ in size, so ids start again at 1'
            )
        self._size = image_size
        return self._tracker.update(poses, stamp=index / self._rate, image_size=image_size)


class AnnotatedFiles:
    """Chooses the file names of annotated images; no two images of one run share a name."""

    def __init__(self, folder: Path) -> None:
        """Put annotated images into `folder`."""
        self._folder = folder
        self._names: set[str] = set()

    def path_for(self, image: Path) -> Path:
        """Return the path of the annotated copy of an image."""
        name, number = f'{image.stem}_poses.png', 1
        while name in self._names:
            number += 1
            name = f'{image.stem}_poses_{number}.png'
        self._names.add(name)
        return self._folder / name


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('estimate', help=_SUMMARY, description=_DESCRIPTION)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument('image', nargs='+', type=Path, metavar='IMAGE', help='image file')
    parser.add_argument(
        '--single',
        action='store_true',
        help='find at most one person (decoding_method single_person)',
    )
    framing = parser.add_mutually_exclusive_group()
    for row in [row for group in _GROUPS for row in rows(group)]:
        if row.name != 'decoding_method':  # which is --single
            add_setting_option(framing if row.name in _FRAMING else parser, row)
    parser.add_argument(
        '--track',
        action='store_true',
        help='give each person an id that stays the same from image to image: the images are a '
        'sequence, in the given order. Ids start again at 1 when the size of the images changes',
    )
    for row in _tracking_rows():
        add_setting_option(parser, row)
    parser.add_argument(
        '--annotate',
        type=Path,
        metavar='DIR',
        help='write a PNG copy of each image, with the poses drawn on it, into this folder',
    )
    parser.add_argument('--json', action='store_true', help='print one line of JSON per image')


def run(parsed: argparse.Namespace) -> int:
    """Process the image files one by one, and return the exit code."""
    sequence = _new_sequence(parsed)
    estimator = _load_estimator(parsed)
    annotated = AnnotatedFiles(parsed.annotate) if parsed.annotate else None
    print_result = print_json if parsed.json else print_table
    exit_code = 0
    for index, path in enumerate(parsed.image):
        try:
            image = read_image(path, max_pixels=estimator.settings.max_image_pixels)
            size = image.shape[0], image.shape[1]
            poses = estimator.estimate(image)
            if sequence:
                poses = sequence.track(poses, path, index=index, image_size=size)
            print_result(
                ImageResult(
                    path,
                    image_size=size,
                    model=estimator.network.model,
                    output_stride=estimator.network.output_stride,
                    input_size=estimator.frame(size).input_size,
                    poses=poses,
                    tracked=sequence is not None,
                )
            )
            if annotated:
                seen = estimator.mirrored_as_poses(image)
                drawn = draw_poses(seen, poses, tracked=sequence is not None)
                write_png(annotated.path_for(path), drawn)
        except OutputError:
            raise
        except Exception as error:  # must not end the batch, whatever OpenCV or NumPy raises
            exit_code = 1
            if parsed.interruption.exit_code is None:
                print_message(_describe(error, path))
        if parsed.interruption.exit_code is not None:  # a library caught KeyboardInterrupt
            return 1
    return exit_code


def _describe(error: Exception, path: Path) -> str:
    """Return one line about an error while a file was processed."""
    if isinstance(error, PosenetError):
        message = str(error)
        return message if str(path) in message else f'cannot process {path}: {message}'
    reason = shortened(' '.join(str(error).split()))
    return f'cannot process {path}: {type(error).__name__}: {reason}'


def _tracking_rows() -> list[Setting]:
    """Return the settings that have an effect only with --track."""
    return rows(SequenceSettings) + [
        row for row in rows(TrackingSettings) if row.name in _TRACKING
    ]


def _new_sequence(parsed: argparse.Namespace) -> ImageSequence | None:
    """Return what tracks people, if the user wants that; raises SettingError."""
    if parsed.track:
        rate = read_settings(parsed, SequenceSettings).rate
        return ImageSequence(read_settings(parsed, TrackingSettings), rate=rate)
    for row in _tracking_rows():
        if getattr(parsed, row.name) is not None:
            option = f'--{row.name.replace("_", "-")}'
            raise SettingError(f'{option} has no effect without --track: add --track')
    return None


def _load_estimator(parsed: argparse.Namespace) -> PoseEstimator:
    model = read_settings(parsed, ModelSettings)
    runtime = read_settings(parsed, RuntimeSettings)
    method = 'single_person' if parsed.single else 'multi_person'
    settings = read_settings(parsed, PoseSettings, decoding_method=method)
    return load_estimator(model, settings, runtime, report=print_message)
