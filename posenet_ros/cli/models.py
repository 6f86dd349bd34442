"""`posenet models`: list the models."""

import argparse

from posenet_ros.cli.options import Commands
from posenet_ros.cli.output import print_text
from posenet_ros.errors import ModelLoadError
from posenet_ros.posenet.weights.catalogue import Model, MODELS
from posenet_ros.posenet.weights.graph_files import (
    command_to_build,
    DOWNLOADED_PRECISIONS,
    graph_file,
)
from posenet_ros.posenet.weights.model_record import ModelRecord
from posenet_ros.posenet.weights.store import find_record

_SUMMARY = 'list the models, and which of them are downloaded'


def add_parser(commands: Commands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser('models', help=_SUMMARY, description=f'{_SUMMARY.capitalize()}.')
    parser.set_defaults(run=run, parser=parser)


def run(parsed: argparse.Namespace) -> int:
    """Print one line for each model, and return the exit code."""
    for model in MODELS.values():
        strides = ', '.join(map(str, model.output_strides))
        known = 'sha256 known' if model.weights_sha256 else 'sha256 not known'
        print_text(f'{model.name}  output strides {strides:10}  {known:16}  {_describe(model)}')
    return 0


def _describe(model: Model) -> str:
    """Return what the cache contains of a model."""
    try:
        record = find_record(model)
    except ModelLoadError as error:
        return f'broken: {error}'
    if record is None:
        return f'not downloaded; to download it, run: {command_to_build(model.name)}'
    verified = 'verified' if record.verified else 'not verified'
    precisions = ', '.join(DOWNLOADED_PRECISIONS) + _describe_int8(model, record)
    return f'downloaded, {verified}, from {record.source}; {precisions}'


def _describe_int8(model: Model, record: ModelRecord) -> str:
    """Return the output strides for which there is an int8 graph, or an empty string."""
    strides = [str(s) for s in model.output_strides if graph_file(s, 'int8') in record.graphs]
    return f', int8 (output strides {", ".join(strides)})' if strides else ''
