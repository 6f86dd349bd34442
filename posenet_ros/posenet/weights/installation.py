"""Installing a model: from its published weights to ONNX graphs in the user's cache."""

import itertools
from pathlib import Path

from posenet_ros.errors import (
    ChecksumError,
    DownloadError,
    MissingDependencyError,
    ModelLoadError,
    WeightsError,
)
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import Model, Source
from posenet_ros.posenet.weights.graph_files import DOWNLOADED_PRECISIONS, graph_file
from posenet_ros.posenet.weights.mobilenet_layers import (
    Layers,
    sort_into_layers,
    weights_sha256,
)
from posenet_ros.posenet.weights.model_record import (
    describe_graphs,
    ModelRecord,
    write_record,
)
from posenet_ros.posenet.weights.sources import check_files, fetch_files, Progress
from posenet_ros.posenet.weights.tfjs_manifest import read_tensors


def install_model(model: Model, progress: Progress, *, folder: Path | None = None) -> ModelRecord:
    """
    Make sure that a complete model is in the cache, and return its record.

    A complete model is not changed; a broken one is built again, and so is one that was not
    verified although its sha256 is now known. The weights come from `folder`, or else from the
    first of the model's sources that provides them. The cache changes in one step, at the end.
    Temporary folders that a killed command left behind are removed after a day.

    Raises ChecksumError if the weights in `folder` are not the published ones, DownloadError if no
    source provides the weights, WeightsError if they cannot be read or the cache cannot be
    written, and MissingDependencyError if `onnx` is not installed.
    """
    store.remove_abandoned_folders()
    try:
        record = store.find_record(model)
    except ModelLoadError:
        record = None
    if record is not None and (record.verified or not model.weights_sha256):
        return record
    require_onnx()
    try:
        with store.temporary_folder() as temporary:
            return _build_model(model, temporary, progress, folder)
    except OSError as error:
        raise WeightsError(
            f'cannot write the model to {store.models_folder()}: {error}; {store.SPACE_REMEDY}'
        ) from error


def require_onnx() -> None:
    """Raise MissingDependencyError, with the command that installs it, if `onnx` is missing."""
    try:
        import onnx  # noqa: F401  (checks that it can be imported)
    except ImportError as error:
        raise MissingDependencyError(
            'building a model needs the Python package onnx; run: pip install onnx'
        ) from error


def _build_model(
    model: Model, temporary: Path, progress: Progress, folder: Path | None
) -> ModelRecord:
    """Build a model in a temporary folder and move it into the cache."""
    if folder is None:
        label, layers = _fetch_layers(model, temporary, progress)
    else:
        label, layers = str(folder.resolve()), _read_layers_in(folder, model)
    graphs = temporary / 'graphs'
    graphs.mkdir()
    _write_graphs(model, layers, graphs, progress)
    # Weights that differ from a known sha256 were refused when they were read.
    record = describe_graphs(graphs, source=label, verified=bool(model.weights_sha256))
    write_record(graphs, record)
    store.move_model_into_cache(graphs, model)
    return record


def _fetch_layers(model: Model, temporary: Path, progress: Progress) -> tuple[str, Layers]:
    """Return the label of the first source that provides valid weights, and their layers."""
    failures: list[str] = []
    for number, source in enumerate(model.sources):
        published = temporary / f'source{number}'
        published.mkdir()
        try:
            fetch_files(source, published, progress)
            return source.label, _read_layers(model, source, published, origin=source.label)
        except WeightsError as error:
            failures.append(f'\n  {error}')
    raise DownloadError(
        f'no source provided the weights of {model.name}:{"".join(failures)}\n'
        'Fetch the manifest and its .bin files on a machine that can reach one of these sources, '
        f'copy them to a folder on this machine, and run: posenet download {model.name} --from DIR'
    )


def _read_layers_in(folder: Path, model: Model) -> Layers:
    """Return the layers in a folder that holds the manifest of one of the model's sources."""
    for source in model.sources:
        if (folder / source.manifest).is_file():
            return _read_layers(model, source, folder, origin=str(folder))
    names = ' or '.join(sorted({source.manifest for source in model.sources}))
    raise DownloadError(
        f'{folder} has no manifest of {model.name}: copy {names} and its .bin files to this folder'
    )


def _read_layers(model: Model, source: Source, folder: Path, *, origin: str) -> Layers:
    """Check the files of a source in a folder and return their layers."""
    check_files(source, folder, origin=origin)
    layers = sort_into_layers(read_tensors(folder / source.manifest), model.multiplier)
    actual = weights_sha256(layers)
    if model.weights_sha256 and actual != model.weights_sha256:
        raise ChecksumError(
            f'the weights from {origin} are not those published for {model.name}: their sha256 is '
            f'{actual}, expected {model.weights_sha256}; fetch {source.manifest} and its .bin '
            'files again'
        )
    return layers


def _write_graphs(model: Model, layers: Layers, folder: Path, progress: Progress) -> None:
    import onnx

    from posenet_ros.posenet.weights.onnx_graph import build_graph

    wanted = list(itertools.product(model.output_strides, DOWNLOADED_PRECISIONS))
    for number, (output_stride, precision) in enumerate(wanted, 1):
        file = graph_file(output_stride, precision)
        graph = build_graph(
            layers,
            model=model.name,
            multiplier=model.multiplier,
            output_stride=output_stride,
            precision=precision,
        )
        onnx.save(graph, folder / file)
        progress(file, number, len(wanted))
