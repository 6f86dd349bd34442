"""The `posenet` command: models, poses in image files, and what a machine can run."""

import argparse
from collections.abc import Sequence
import os
from pathlib import Path
import sys
from typing import Any

from posenet_ros.cli.doctor import examine
from posenet_ros.cli.model_commands import download, models, quantize
from posenet_ros.cli.output import complain, show_json, show_table
from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.errors import PosenetError, SettingError
from posenet_ros.estimation import load_estimator
from posenet_ros.image_files import read_image, write_png
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL, MODEL_NAMES
from posenet_ros.settings import PoseSettings, rows, Setting


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 2 for wrong usage, 1 for other failures."""
    parsed = _parser().parse_args(arguments)
    try:
        exit_code: int = parsed.run(parsed)
        sys.stdout.flush()
        return exit_code
    except SettingError as error:
        parsed.parser.error(str(error))
    except PosenetError as error:
        complain(error)
    except OSError as error:  # standard output cannot be written
        if not isinstance(error, BrokenPipeError):  # whose reader has gone, as `head` does
            complain(error)
        # Python would try to write the rest at its end, and complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        complain('interrupted')
    return 1


def estimate(parsed: argparse.Namespace) -> int:
    """Find the poses in image files; a file that fails is named and the others still done."""
    model = ModelSettings(**_values(parsed, ModelSettings))
    runtime = RuntimeSettings(**_values(parsed, RuntimeSettings))
    method = 'single_person' if parsed.single else 'multi_person'
    settings = PoseSettings(**{**_values(parsed, PoseSettings), 'decoding_method': method})
    estimator = load_estimator(model, settings, runtime, report=complain)
    annotated = _AnnotatedFiles(parsed.annotate) if parsed.annotate else None
    failures = 0
    for path in parsed.image:
        try:
            image = read_image(path)
            poses = estimator.estimate(image)
            size = image.shape[0], image.shape[1]
            show = show_json if parsed.json else show_table
            show(path, size, poses, estimator)
            if annotated:
                drawn = draw_poses(estimator.mirrored_as_poses(image), poses)
                write_png(annotated.path_for(path), drawn)
        except PosenetError as error:
            complain(error)
            failures += 1
    return 1 if failures else 0


def doctor(parsed: argparse.Namespace) -> int:
    """Tell what is there to run the network with, and what would run it, for a bug report."""
    model = ModelSettings(**_values(parsed, ModelSettings))
    runtime = RuntimeSettings(**_values(parsed, RuntimeSettings))
    print('\n'.join(examine(model, runtime)))
    return 0


class _AnnotatedFiles:
    """Names for the annotated images: one each, also for images of one name in two folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()

    def path_for(self, image: Path) -> Path:
        name, number = f'{image.stem}_poses.png', 1
        while name in self._taken:
            number += 1
            name = f'{image.stem}_poses_{number}.png'
        self._taken.add(name)
        return self._folder / name


def _values(parsed: argparse.Namespace, group: type) -> dict[str, Any]:
    """Return the options that were given for a group of settings."""
    given = {row.name: getattr(parsed, row.name, None) for row in rows(group)}
    return {name: value for name, value in given.items() if value is not None}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='posenet', description=__doc__)
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    _add_download(commands)
    _command(commands, 'models', models)
    _add_quantize(commands)
    _add_doctor(commands)
    _add_estimate(commands)
    return parser


def _add_download(commands: Any) -> None:
    command = _command(commands, 'download', download)
    command.add_argument(
        'model',
        nargs='*',
        metavar='MODEL',
        help=f'{", ".join(MODEL_NAMES)} (default: {DEFAULT_MODEL})',
    )
    command.add_argument(
        '--from',
        dest='folder',
        type=Path,
        metavar='DIR',
        help='take the published files from this folder, without any network',
    )


def _add_quantize(commands: Any) -> None:
    command = _command(commands, 'quantize', quantize)
    command.add_argument(
        'model',
        nargs='?',
        default=DEFAULT_MODEL,
        metavar='MODEL',
        help=f'{", ".join(MODEL_NAMES)} (default: {DEFAULT_MODEL})',
    )
    command.add_argument(
        '--images',
        nargs='+',
        type=Path,
        metavar='PATH',
        help='calibrate on these image files, and those in these folders, instead of the picture '
        'that comes with the package',
    )
    command.add_argument(
        '--output-stride',
        nargs='+',
        type=int,
        metavar='INT',
        help='make graphs for these output strides (default: all that the model has)',
    )


def _add_doctor(commands: Any) -> None:
    command = _command(commands, 'doctor', doctor)
    for row in rows(ModelSettings) + rows(RuntimeSettings):
        _add_option(command, row)


def _add_estimate(commands: Any) -> None:
    command = _command(commands, 'estimate', estimate)
    command.add_argument('image', nargs='+', type=Path, metavar='IMAGE', help='image file')
    command.add_argument(
        '--single', action='store_true', help='for exactly one person in view (single_person)'
    )
    framing = command.add_mutually_exclusive_group()
    for row in rows(ModelSettings) + rows(RuntimeSettings) + rows(PoseSettings):
        if row.name != 'decoding_method':  # which is --single
            framed = row.name in ('image_scale_factor', 'input_size')
            _add_option(framing if framed else command, row)
    command.add_argument(
        '--annotate',
        type=Path,
        metavar='DIR',
        help='write each image with its poses drawn, as PNG',
    )
    command.add_argument(
        '--json', action='store_true', help='print one JSON object a line and image'
    )


def _command(commands: Any, name: str, run: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, description=run.__doc__, help=run.__doc__
    )
    command.set_defaults(run=run, parser=command)
    return command


def _add_option(target: argparse._ActionsContainer, row: Setting) -> None:
    """Add the option of a setting; its value is checked with the other settings of its group."""
    flag = f'--{row.name.replace("_", "-")}'
    kind = type(row.default)
    if kind is bool:
        target.add_argument(flag, action='store_true', default=None, help=row.description)
        return
    allowed = f'; {row.range_text}' if row.range_text else ''
    default = '' if row.default == '' else f' (default: {row.default})'
    metavar = 'HxW' if row.name == 'input_size' else kind.__name__.upper()
    text = f'{row.description}{allowed}{default}'
    target.add_argument(flag, type=kind, metavar=metavar, help=text)
