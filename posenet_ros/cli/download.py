"""`posenet download`: download models into the user's cache."""

import argparse
from pathlib import Path

from posenet_ros.cli.options import Commands, read_settings
from posenet_ros.cli.output import print_message, print_text
from posenet_ros.cli.progress_bar import ProgressBar
from posenet_ros.errors import SettingError
from posenet_ros.estimation.quality import QUALITIES, QualitySettings
from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL, find_model, Model, MODEL_NAMES
from posenet_ros.posenet.weights.installation import install_model
from posenet_ros.posenet.weights.model_record import ModelRecord
from posenet_ros.posenet.weights.store import models_folder

_SUMMARY = 'download models'
_DESCRIPTION = (
    'Download the weights of models, check them, and build ONNX graphs from them in the cache. '
    'A model that is already in the cache is not downloaded again.'
)


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('download', help=_SUMMARY, description=_DESCRIPTION)
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument(
        'model',
        nargs='*',
        metavar='MODEL',
        help=f'one of: {", ".join(MODEL_NAMES)} [default: {DEFAULT_MODEL}]',
    )
    parser.add_argument(
        '--quality',
        metavar='STR',
        help=f'download the model of this quality: {", ".join(QUALITIES)}',
    )
    parser.add_argument(
        '--from',
        dest='folder',
        type=Path,
        metavar='DIR',
        help='read the published files from this folder instead of downloading them',
    )


def run(parsed: argparse.Namespace) -> int:
    """Download the models that the user named, and return the exit code."""
    for model in _chosen(parsed):
        with ProgressBar(model.name) as bar:
            record = install_model(model, bar.update, folder=parsed.folder)
        _warn(model, record, parsed.folder)
        print_text(f'{model.name}: ready in {models_folder() / model.name}')
    return 0


def _chosen(parsed: argparse.Namespace) -> list[Model]:
    """Return the models that the user named, or that of the quality; raises SettingError."""
    if parsed.model and parsed.quality is not None:
        raise SettingError('MODEL and --quality are both given: leave one of them out')
    defaults = read_settings(parsed, QualitySettings).defaults
    names = parsed.model or [defaults.get('model', DEFAULT_MODEL)]
    return [find_model(name) for name in names]


def _warn(model: Model, record: ModelRecord, folder: Path | None) -> None:
    """Warn if the weights could not be verified, and if --from was not used."""
    if not record.verified:
        print_message(
            f'{model.name}: the weights from {record.source} could not be verified: this release '
            'does not know the sha256 of this model. Only their layers, their shapes, and that '
            'all values are finite were checked'
        )
    if folder is not None and record.source != str(folder.resolve()):
        print_message(
            f'{model.name}: already downloaded, from {record.source}; --from was not used'
        )
