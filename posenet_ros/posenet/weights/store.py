"""
The user's cache of ONNX graphs.

A model is a folder `models/<name>` in the cache. It holds `stride<S>.onnx` and
`stride<S>-float16.onnx` for each output stride, `stride<S>-int8.onnx` if `posenet quantize` built
it, and the model's record, `model.json`. The folder is built elsewhere in the cache and moved to
its place with one rename, so a model folder is always complete.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
import os
from pathlib import Path
import shutil
import tempfile
import time

from posenet_ros.errors import ModelLoadError, ModelNotFoundError, SettingError
from posenet_ros.posenet.weights.catalogue import check_output_stride, find_model, Model
from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.graph_files import (
    command_to_build,
    downloaded_graph_files,
    graph_file,
    GRAPH_FORMAT,
)
from posenet_ros.posenet.weights.model_record import (
    graph_checksums,
    ModelRecord,
    move_record,
    read_record,
    write_record,
)
from posenet_ros.quoting import quoted
from posenet_ros.regular_files import expand_home

#: Prefix of the names of temporary folders in the cache.
TEMPORARY_PREFIX = '.download-'

#: What to do if the cache cannot be written, for messages.
SPACE_REMEDY = 'make space and allow writing there, or set POSENET_HOME to another folder'

# Age in seconds at which a temporary folder no longer belongs to a running command.
_ABANDONED_AFTER = 24 * 3600


def cache_folder() -> Path:
    """
    Return $POSENET_HOME, or else $XDG_CACHE_HOME/posenet_ros, or else ~/.cache/posenet_ros.

    The path is absolute. Raises SettingError if it is in the home folder of an unknown user, or
    not valid UTF-8, which ONNX Runtime needs.
    """
    home = os.environ.get('POSENET_HOME')
    cache = os.environ.get('XDG_CACHE_HOME') or '~/.cache'
    folder = home or f'{cache}/posenet_ros'
    try:
        str(folder).encode()
    except UnicodeEncodeError as error:
        raise SettingError(
            f'the cache cannot be in {quoted(folder)} ({quoted(str(error))}); '
            'set POSENET_HOME to another folder'
        ) from error
    # Absolute, as npm runs in another folder, and for messages.
    return expand_home(folder).absolute()


def models_folder() -> Path:
    """Return the folder of all models in the cache."""
    return cache_folder() / 'models'


def engines_folder() -> Path:
    """Return the folder in which execution providers cache what they compile from the graphs."""
    return cache_folder() / 'engines'


def find_graph(name: str, output_stride: int, precision: str = 'float32') -> Path:
    """
    Return the path of a model's graph.

    Raises SettingError if there is no such model or output stride, ModelNotFoundError if the
    model was not downloaded or not built in that precision, and ModelLoadError if the graph
    changed since it was built.
    """
    model = find_model(name)
    check_output_stride(model, output_stride)
    file = graph_file(output_stride, precision)
    record = find_record(model, only=file)
    if record is None:
        raise model_not_found(model)
    if file not in record.graphs:
        raise ModelNotFoundError(
            f'model {name} has no {precision} graph for output stride {output_stride} in '
            f'{models_folder()}; to build it, run: {command_to_build(name, precision)}'
        )
    return models_folder() / name / file


def model_not_found(model: Model) -> ModelNotFoundError:
    """Return the error for a model that was not downloaded."""
    return ModelNotFoundError(
        f'model {model.name} is not in {models_folder()}; to download it, run: '
        f'{command_to_build(model.name)}'
    )


def find_record(model: Model, *, only: str | None = None) -> ModelRecord | None:
    """
    Check a model in the cache and return its record, or None if the model is not there.

    If `only` is the file name of a graph, the other graphs are not checked, which saves time.

    Raises ModelLoadError if the model has the format of another release, or if a graph is missing
    or changed since it was built.
    """
    folder = models_folder() / model.name
    remedy = f'to build it again, run: {command_to_build(model.name)}'
    try:
        if not folder.exists():
            return None
        record = read_record(folder)
        if record.graph_format != GRAPH_FORMAT:
            raise ModelLoadError(f'{folder} was built by another release; {remedy}')
        broken = _changed_graphs(folder, model, record, only)
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelLoadError(f'{folder} is not a complete model ({error}); {remedy}') from error
    if broken:
        raise ModelLoadError(f'{folder} has a broken file, {", ".join(broken)}; {remedy}')
    return record


def _changed_graphs(
    folder: Path, model: Model, record: ModelRecord, only: str | None
) -> list[str]:
    """Return the names of the graphs whose sha256 is not the recorded one."""
    files = {*downloaded_graph_files(model), *record.graphs}
    if only is not None:
        files &= {only}
    return [file for file in sorted(files) if sha256(folder / file) != record.graphs[file]]


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Create a folder on the same file system as the models, and remove it afterwards."""
    models_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models_folder(), prefix=TEMPORARY_PREFIX) as folder:
        yield Path(folder)


def move_model_into_cache(folder: Path, model: Model) -> None:
    """
    Move a complete folder to the place of a model, and replace an older model.

    The folder must be in a `temporary_folder`; the older model is moved there and removed with it.
    """
    target = models_folder() / model.name
    if target.exists():
        target.rename(folder.with_name('replaced'))
    folder.rename(target)


def move_graphs_into_model(folder: Path, model: Model, record: ModelRecord) -> ModelRecord:
    """
    Move the graphs in a temporary folder into the folder of a model and return its new record.

    They replace graphs with the same names. The model stays complete if this is interrupted,
    because the record lists a graph only while the file on disk matches it. Everything is written
    before the first change, so a full disk changes nothing.
    """
    target = models_folder() / model.name
    new = graph_checksums(folder)
    kept = {file: checksum for file, checksum in record.graphs.items() if file not in new}
    during, after = replace(record, graphs=kept), replace(record, graphs={**kept, **new})
    for name, one in (('during', during), ('after', after)):
        (folder / name).mkdir()
        write_record(folder / name, one)
    move_record(folder / 'during', target)
    for file in new:
        (folder / file).replace(target / file)
    move_record(folder / 'after', target)
    return after


def remove_abandoned_folders() -> None:
    """Remove temporary folders older than a day, left behind by commands that were killed."""
    for folder in models_folder().glob(f'{TEMPORARY_PREFIX}*'):
        try:
            abandoned = time.time() - folder.stat().st_mtime > _ABANDONED_AFTER
        except OSError:  # another command has just removed it
            continue
        if abandoned:
            shutil.rmtree(folder, ignore_errors=True)
