"""From published weights to ONNX graphs in the user's cache."""

import itertools
from pathlib import Path
import tempfile

from posenet_ros.errors import (
    DownloadError,
    MissingDependencyError,
    ModelLoadError,
    WeightsError,
)
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import Model, Source
from posenet_ros.posenet.weights.mobilenet import layer_weights, Layers, weights_sha256
from posenet_ros.posenet.weights.sources import check_files, fetch, Progress
from posenet_ros.posenet.weights.tfjs_manifest import read_weights


def install(model: Model, progress: Progress, *, folder: Path | None = None) -> store.Record:
    """
    Make sure that a model is in the cache, whole, and return its record.

    A model that is there is left alone. Otherwise its weights come from `folder`, or else from
    the first of its sources that gives them; a broken model is made anew. The cache changes in
    one step, at the end. What a killed download left behind more than a day ago is removed.

    Raises ChecksumError for a file in `folder` that is not the published one, DownloadError
    when no source gives the weights, WeightsError when they cannot be read, and
    MissingDependencyError when `onnx` is not installed.
    """
    store.remove_leftovers()
    try:
        record = store.read_record(model)
    except ModelLoadError:
        record = None
    if record is not None:
        return record
    require_onnx()
    models = store.models_folder()
    try:
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models, prefix=store.UNFINISHED) as temporary:
            return _make(model, Path(temporary), progress, folder)
    except OSError as error:
        raise WeightsError(f'cannot write the model to {models}: {error}') from error


def _make(model: Model, temporary: Path, progress: Progress, folder: Path | None) -> store.Record:
    """Make a model in a temporary folder of the cache and put it into its place."""
    if folder is None:
        label, layers = _fetch_from_any(model, temporary, progress)
    else:
        label, layers = str(folder.resolve()), _read_folder(model, folder)
    graphs = temporary / 'graphs'
    graphs.mkdir()
    _write_graphs(model, layers, graphs, progress)
    verified = weights_sha256(layers) == model.weights_sha256
    record = store.write_record(graphs, source=label, verified=verified)
    store.put(graphs, model)
    return record


def _fetch_from_any(model: Model, temporary: Path, progress: Progress) -> tuple[str, Layers]:
    """Return the label of the first source that gives good weights, and the weights."""
    refusals: list[str] = []
    for number, source in enumerate(model.sources):
        published = temporary / f'source{number}'
        published.mkdir()
        try:
            fetch(source, published, progress)
            return source.label, _read(model, source, published, origin=source.label)
        except WeightsError as error:
            refusals.append(f'\n  {error}')
    raise DownloadError(
        f'no place gave the weights of {model.name}:{"".join(refusals)}\n'
        'Fetch the manifest and its .bin files on a machine that reaches one of these places, '
        f'and run: posenet download {model.name} --from DIR'
    )


def _read_folder(model: Model, folder: Path) -> Layers:
    """Return the weights in a folder that has the manifest of one of the sources."""
    for source in model.sources:
        if (folder / source.manifest).is_file():
            return _read(model, source, folder, origin=str(folder))
    names = ' or '.join(sorted({source.manifest for source in model.sources}))
    raise DownloadError(f'{folder} has no manifest of {model.name}: expected {names} in it')


def _read(model: Model, source: Source, folder: Path, *, origin: str) -> Layers:
    """Return the weights of a source's files, when these are as they were published."""
    check_files(source, folder, origin=origin)
    return layer_weights(read_weights(folder / source.manifest), model.multiplier)


def _write_graphs(model: Model, layers: Layers, folder: Path, progress: Progress) -> None:
    import onnx

    from posenet_ros.posenet.weights.onnx_graph import build_graph

    wanted = list(itertools.product(model.output_strides, store.DOWNLOADED))
    for number, (output_stride, precision) in enumerate(wanted, 1):
        file = store.graph_file(output_stride, precision)
        graph = build_graph(
            layers,
            model=model.name,
            multiplier=model.multiplier,
            output_stride=output_stride,
            precision=precision,
        )
        onnx.save(graph, folder / file)
        progress(file, number, len(wanted))


def require_onnx() -> None:
    """Raise MissingDependencyError, which tells how to get it, where `onnx` is not installed."""
    try:
        import onnx  # noqa: F401  (only asks whether it is there)
    except ImportError as error:
        raise MissingDependencyError(
            'making a model needs the Python package onnx: pip install onnx'
        ) from error
