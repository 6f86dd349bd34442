"""`posenet estimate`: find the poses in image files."""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from posenet_ros.attention.camera_attention import CameraAttention
from posenet_ros.attention.observation import CameraImage, ObservationSettings
from posenet_ros.attention.observer import Observer
from posenet_ros.cli.estimation.image_sequence import (
    add_tracking_options,
    ImageSequence,
    new_sequence,
)
from posenet_ros.cli.estimation.results import ImageResult, print_json, print_table
from posenet_ros.cli.options import add_setting_option, Commands, read_settings
from posenet_ros.cli.output import OutputError, print_message
from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.closer_look import CloserLook
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.loading import load_estimator
from posenet_ros.estimation.quality import QualitySettings
from posenet_ros.image_files import read_image, write_png
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.poses import Pose
from posenet_ros.quoting import shortened
from posenet_ros.settings import PoseSettings, rows

_SUMMARY = 'find the poses of people in image files'
_DESCRIPTION = (
    'Find people in image files and print the positions of their keypoints. If a file cannot be '
    'processed, the command continues with the others and exits with code 1.'
)

_GROUPS = (QualitySettings, ModelSettings, RuntimeSettings, PoseSettings)
# The settings that exclude each other.
_FRAMING = ('image_scale_factor', 'input_size')
# The settings that have an effect only with closer_look.
_CLOSER_LOOK = ('search_interval', 'max_regions', 'region_size')


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
    for row in rows(AttentionSettings):
        add_setting_option(parser, row)
    add_tracking_options(parser)
    parser.add_argument(
        '--annotate',
        type=Path,
        metavar='DIR',
        help='write a PNG copy of each image, with the poses drawn on it, into this folder',
    )
    parser.add_argument('--json', action='store_true', help='print one line of JSON per image')


def run(parsed: argparse.Namespace) -> int:
    """Process the image files one by one, and return the exit code."""
    sequence = new_sequence(parsed)
    attention = _read_attention(parsed)
    estimator = _load_estimator(parsed)
    find_people = _finder(estimator, attention, sequence)
    annotated = AnnotatedFiles(parsed.annotate) if parsed.annotate else None
    print_result = print_json if parsed.json else print_table
    exit_code = 0
    for index, path in enumerate(parsed.image):
        try:
            image = read_image(path, max_pixels=estimator.settings.max_image_pixels)
            size = image.shape[0], image.shape[1]
            poses = find_people(image, index)
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


def _read_attention(parsed: argparse.Namespace) -> AttentionSettings:
    attention = read_settings(parsed, AttentionSettings)
    for name in _CLOSER_LOOK:
        if attention.attention != 'closer_look' and getattr(parsed, name) is not None:
            option = f'--{name.replace("_", "-")}'
            advice = 'add --attention closer_look'
            raise SettingError(f'{option} has no effect without --attention closer_look: {advice}')
    if parsed.search_interval is not None and not parsed.track:
        raise SettingError('--search-interval has no effect without --track: add --track')
    return attention


def _finder(
    estimator: PoseEstimator, attention: AttentionSettings, sequence: ImageSequence | None
) -> Callable[[NDArray[np.uint8], int], list[Pose]]:
    """Return what finds the people in an image with an index."""
    if sequence and attention.attention == 'closer_look':
        observer = Observer(estimator)
        settings = ObservationSettings(estimator.settings, attention, sequence.settings)
        camera = CameraAttention()

        def observe(image: NDArray[np.uint8], index: int) -> list[Pose]:
            stamp = sequence.stamp(index)
            taken = CameraImage(image, camera, stamp=stamp, received=stamp)
            return observer.observe([taken], settings)[0].poses

        return observe
    closer_look = CloserLook(estimator)
    return lambda image, _: closer_look.estimate(image, attention=attention)


def _load_estimator(parsed: argparse.Namespace) -> PoseEstimator:
    model = read_settings(parsed, ModelSettings)
    runtime = read_settings(parsed, RuntimeSettings)
    method = 'single_person' if parsed.single else 'multi_person'
    settings = read_settings(parsed, PoseSettings, decoding_method=method)
    return load_estimator(model, settings, runtime, report=print_message)
