"""
The user's cache of ONNX graphs.

A model is a folder `models/<name>` in the cache, with `stride<S>.onnx` and
`stride<S>-float16.onnx` for each output stride, `stride<S>-int8.onnx` where `posenet quantize`
made one, and `model.json`, the record of where its weights came from. A folder appears there
whole, by one rename, or not at all.
"""

from dataclasses import asdict, dataclass, replace
import hashlib
import json
import os
from pathlib import Path
import shutil
import time

from posenet_ros.errors import ModelLoadError, ModelNotFoundError
from posenet_ros.posenet.weights.catalogue import check_output_stride, find_model, Model

_RECORD = 'model.json'

#: How the names begin of the folders in which models are made.
UNFINISHED = '.download-'

# Seconds after which nobody works in such a folder any more.
_ABANDONED = 24 * 3600

#: Goes up when graphs change what goes in or comes out; those of another format are made anew.
GRAPH_FORMAT = 2

# What the file name of a graph ends with, by precision. bfloat16 is float32's graph, which
# the execution provider runs in bfloat16.
_ENDINGS = {'float32': '', 'bfloat16': '', 'float16': '-float16', 'int8': '-int8'}

#: Of the graphs that `posenet download` makes.
DOWNLOADED = ('float32', 'float16')

# The commands that make graphs of the precisions that `posenet download` does not.
_MAKERS = {'int8': 'quantize'}


@dataclass(frozen=True)
class Record:
    """What is known of a model in the cache."""

    #: The place that its weights came from.
    source: str
    #: Whether the weights' sha256 is the catalogue's.
    verified: bool
    graph_format: int
    #: sha256 of each graph, by file name.
    graphs: dict[str, str]


def cache_folder() -> Path:
    """Return $POSENET_HOME, or else $XDG_CACHE_HOME/posenet_ros, or else ~/.cache/posenet_ros."""
    home = os.environ.get('POSENET_HOME')
    if home:
        return Path(home).expanduser()
    cache = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(cache).expanduser() / 'posenet_ros'


def models_folder() -> Path:
    """Return the folder of all models, in the cache."""
    return cache_folder() / 'models'


def engines_folder() -> Path:
    """Return the folder of what execution providers make of the models, in the cache."""
    return cache_folder() / 'engines'


def graph_file(output_stride: int, precision: str = 'float32') -> str:
    """Return the file name of the graph for an output stride and a precision."""
    return f'stride{output_stride}{_ENDINGS[precision]}.onnx'


def find_graph(name: str, output_stride: int, precision: str = 'float32') -> Path:
    """
    Return the path of a model's graph.

    Raises SettingError when there is no such model or output stride, ModelNotFoundError when it
    was not downloaded, or not made in that precision, and ModelLoadError when it is not as it was
    written.
    """
    model = find_model(name)
    check_output_stride(model, output_stride)
    file = graph_file(output_stride, precision)
    record = read_record(model, only=file)
    if record is None:
        raise ModelNotFoundError(remedy_for_missing(name))
    if file not in record.graphs:
        raise ModelNotFoundError(
            f'model {name} has no {precision} graph for output stride {output_stride} in '
            f'{models_folder()}; make it with: posenet {_MAKERS.get(precision, "download")} {name}'
        )
    return models_folder() / name / file


def remedy_for_missing(name: str) -> str:
    """Return the message for a model that was not downloaded."""
    return f'model {name} is not in {models_folder()}; fetch it with: posenet download {name}'


def downloaded_files(model: Model) -> list[str]:
    """Return the file names of all graphs that `posenet download` makes of a model."""
    return [
        graph_file(output_stride, precision)
        for output_stride in model.output_strides
        for precision in DOWNLOADED
    ]


def read_record(model: Model, *, only: str | None = None) -> Record | None:
    """
    Return the record of a model in the cache, or None when the model is not there.

    Raises ModelLoadError when it is there and of no use: of another release's format, a graph
    missing, or not as it was written. With `only`, the file name of a graph, the others are not
    looked at, which takes time.
    """
    folder = models_folder() / model.name
    if not folder.exists():
        return None
    try:
        record = Record(**json.loads((folder / _RECORD).read_text()))
        of_another_release = record.graph_format != GRAPH_FORMAT
        files = {*downloaded_files(model), *record.graphs}
        if only is not None:
            files &= {only}
        broken = [
            file
            for file in sorted(files)
            if not of_another_release and sha256(folder / file) != record.graphs[file]
        ]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ModelLoadError(
            f'{folder} is not a whole model ({error}); make it anew: posenet download {model.name}'
        ) from error
    if of_another_release:
        raise ModelLoadError(
            f'{folder} was made by another release; make it anew: posenet download {model.name}'
        )
    if broken:
        raise ModelLoadError(
            f'{folder} has a broken file, {", ".join(broken)}; '
            f'make it anew: posenet download {model.name}'
        )
    return record


def write_record(folder: Path, *, source: str, verified: bool) -> Record:
    """Write the record of a folder that holds a model's graphs, and return it."""
    graphs = {path.name: sha256(path) for path in sorted(folder.glob('*.onnx'))}
    record = Record(source, verified, GRAPH_FORMAT, graphs)
    (folder / _RECORD).write_text(_text(record))
    return record


def add_graphs(folder: Path, model: Model, record: Record) -> Record:
    """
    Move a folder's graphs, of the cache's file system, to those of a model; return its record.

    They replace graphs of the same names. Whatever stops it half way, the model stays whole: the
    record names a graph only while it is there as the record says.
    """
    target = models_folder() / model.name
    new = {path.name: sha256(path) for path in sorted(folder.glob('*.onnx'))}
    kept = {file: known for file, known in record.graphs.items() if file not in new}
    _replace_record(folder, target, replace(record, graphs=kept))
    for file in new:
        (folder / file).replace(target / file)
    record = replace(record, graphs={**kept, **new})
    _replace_record(folder, target, record)
    return record


def _replace_record(folder: Path, target: Path, record: Record) -> None:
    (folder / _RECORD).write_text(_text(record))
    (folder / _RECORD).replace(target / _RECORD)


def _text(record: Record) -> str:
    return json.dumps(asdict(record), indent=2) + '\n'


def put(folder: Path, model: Model) -> None:
    """Move a finished folder, of the cache's file system, to its place; replaces an old one."""
    target = models_folder() / model.name
    if target.exists():
        target.rename(folder.with_name('replaced'))
    folder.rename(target)


def remove_leftovers() -> None:
    """Remove the folders of commands that were killed more than a day ago, where that works."""
    for folder in models_folder().glob(f'{UNFINISHED}*'):
        try:
            abandoned = time.time() - folder.stat().st_mtime > _ABANDONED
        except OSError:  # another command has just removed it
            continue
        if abandoned:
            shutil.rmtree(folder, ignore_errors=True)


def sha256(path: Path) -> str:
    """Return the sha256 of a file, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
