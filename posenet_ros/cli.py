"""The `posenet` command: fetches models, finds poses in image files, and examines a machine."""

import argparse
from collections.abc import Sequence
import os
from pathlib import Path
import signal
import sys
from typing import Any

from posenet_ros.doctor import examine
from posenet_ros.drawing import draw_poses
from posenet_ros.errors import (
    ModelLoadError,
    PosenetError,
    SettingError,
)
from posenet_ros.estimator import load_network, PoseEstimator
from posenet_ros.image_files import read_image, write_png
from posenet_ros.progress_bar import ProgressBar
from posenet_ros.results import show_json, show_table
from posenet_ros.runtime_settings import RuntimeSettings
from posenet_ros.settings import ModelSettings, PoseSettings, rows, Setting
from posenet_ros.weights import store
from posenet_ros.weights.catalogue import DEFAULT_MODEL, find_model, MODEL_NAMES, MODELS
from posenet_ros.weights.download import install


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
        _complain(error)
    except OSError as error:  # standard output cannot be written
        if not isinstance(error, BrokenPipeError):  # whose reader has gone, as `head` does
            _complain(error)
        # Python would try to write the rest at its end, and complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        _complain('interrupted')
    return 1


def download(parsed: argparse.Namespace) -> int:
    """Bring the named models into the user's cache."""
    # As Ctrl-C does, so that nothing is left behind half done.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for model in [find_model(name) for name in parsed.model or [DEFAULT_MODEL]]:
        with ProgressBar(model.name) as bar:
            record = install(model, bar.show, folder=parsed.folder)
        if not record.verified:
            _complain(
                f'{model.name}: the weights from {record.source} could not be verified: '
                'their sha256 was not known when this release was made'
            )
        print(f'{model.name}: ready in {store.models_folder() / model.name}')
    return 0


def models(parsed: argparse.Namespace) -> int:
    """List all models, and which of them are in the user's cache."""
    for model in MODELS.values():
        strides = ', '.join(map(str, model.output_strides))
        known = 'sha256 known' if model.weights_sha256 else 'sha256 not known'
        print(f'{model.name}  output strides {strides:10}  {known:16}  {_state(model.name)}')
    return 0


def estimate(parsed: argparse.Namespace) -> int:
    """Find the poses in image files; a file that fails is named and the others still done."""
    model = ModelSettings(**_values(parsed, ModelSettings))
    runtime = RuntimeSettings(**_values(parsed, RuntimeSettings))
    method = 'single_person' if parsed.single else 'multi_person'
    settings = PoseSettings(**{**_values(parsed, PoseSettings), 'decoding_method': method})
    network = load_network(model, runtime, settings, report=_complain)
    estimator = PoseEstimator(network, settings)
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
                write_png(annotated.path_for(path), draw_poses(estimator.as_seen(image), poses))
        except PosenetError as error:
            _complain(error)
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


def _state(name: str) -> str:
    try:
        record = store.read_record(MODELS[name])
    except ModelLoadError as error:
        return f'broken: {error}'
    if record is None:
        return f'not here; fetch it with: posenet download {name}'
    verified = 'verified' if record.verified else 'not verified'
    return f'here, {verified}, from {record.source}'


def _complain(message: object) -> None:
    print(f'posenet: {message}', file=sys.stderr)


def _values(parsed: argparse.Namespace, group: type) -> dict[str, Any]:
    """Return the options that were given for a group of settings."""
    given = {row.name: getattr(parsed, row.name, None) for row in rows(group)}
    return {name: value for name, value in given.items() if value is not None}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='posenet', description=__doc__)
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

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

    _command(commands, 'models', models)

    command = _command(commands, 'doctor', doctor)
    for row in rows(ModelSettings) + rows(RuntimeSettings):
        _add_option(command, row)

    _add_estimate_options(_command(commands, 'estimate', estimate))
    return parser


def _add_estimate_options(command: argparse.ArgumentParser) -> None:
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
