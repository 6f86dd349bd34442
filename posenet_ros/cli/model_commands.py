"""What the `posenet` command does with models: fetch, list and quantize them."""

import argparse
from pathlib import Path
import signal

import numpy as np
from numpy.typing import NDArray

from posenet_ros.cli.output import complain
from posenet_ros.cli.progress_bar import ProgressBar
from posenet_ros.errors import ImageError, ModelLoadError
from posenet_ros.estimation.agreement import compare
from posenet_ros.image_files import read_image
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import DEFAULT_MODEL, find_model, Model, MODELS
from posenet_ros.posenet.weights.download import install
from posenet_ros.posenet.weights.quantization import (
    CALIBRATION_PICTURE,
    install_quantized,
)

# How far int8 may be from float32, on the pictures that it was calibrated on, before the user
# is told: share of keypoints within so many pixels, and their median.
_LEAST_SHARE, _SHARE_WITHIN, _MOST_MEDIAN = 0.9, 4.0, 1.5
# Of fewer keypoints, one or two where a heatmap has two maxima of nearly the same height would
# decide.
_FEWEST_KEYPOINTS = 50
# Each picture is compared at a small, a middle and a large size, valid for all output strides.
_INPUT_SIZES = ('257x257', '353x481', '481x641')


def download(parsed: argparse.Namespace) -> int:
    """Bring the named models into the user's cache."""
    _stop_cleanly()
    for model in [find_model(name) for name in parsed.model or [DEFAULT_MODEL]]:
        with ProgressBar(model.name) as bar:
            record = install(model, bar.show, folder=parsed.folder)
        if not record.verified:
            complain(
                f'{model.name}: the weights from {record.source} could not be verified: '
                'their sha256 was not known when this release was made'
            )
        if parsed.folder is not None and record.source != str(parsed.folder.resolve()):
            complain(f'{model.name}: is there already, from {record.source}; --from was not used')
        print(f'{model.name}: ready in {store.models_folder() / model.name}')
    return 0


def models(parsed: argparse.Namespace) -> int:
    """List all models, and which of them are in the user's cache."""
    for model in MODELS.values():
        strides = ', '.join(map(str, model.output_strides))
        known = 'sha256 known' if model.weights_sha256 else 'sha256 not known'
        print(f'{model.name}  output strides {strides:10}  {known:16}  {_state(model)}')
    return 0


def quantize(parsed: argparse.Namespace) -> int:
    """Make int8 graphs of a model, for CPUs with fast 8-bit arithmetic."""
    _stop_cleanly()
    model = find_model(parsed.model)
    output_strides = parsed.output_stride or list(model.output_strides)
    pictures = [read_image(path) for path in _picture_files(parsed.images)]
    install_quantized(model, output_strides, pictures)
    for output_stride in output_strides:
        _show_agreement(model, output_stride, pictures)
    return 0


def _show_agreement(model: Model, output_stride: int, pictures: list[NDArray[np.uint8]]) -> None:
    """Print how an int8 graph agrees with float32 on the pictures; complain where it does not."""
    reference, quantized = (
        PoseNet(store.find_graph(model.name, output_stride, precision))
        for precision in ('float32', 'int8')
    )
    found = compare(reference, quantized, pictures, _INPUT_SIZES)
    label = f'{model.name}, output stride {output_stride}, int8'
    if not found.distances.size:
        complain(f'{label}: nobody is in the pictures, its agreement with float32 is not known')
        return
    share = found.share_within(_SHARE_WITHIN)
    print(
        f'{label}: ready; {100 * share:.0f} % of {found.distances.size} keypoints within '
        f'{_SHARE_WITHIN:g} pixels of float32, median {found.median:.2f}'
    )
    enough = found.distances.size >= _FEWEST_KEYPOINTS
    if enough and (share < _LEAST_SHARE or found.median > _MOST_MEDIAN):
        complain(
            f'{label}: agrees less with float32 than it should (at least {100 * _LEAST_SHARE:.0f} '
            f'% of keypoints, a median of at most {_MOST_MEDIAN:g}); calibrate it on other '
            'pictures, with --images, or use float32'
        )


def _picture_files(named: list[Path] | None) -> list[Path]:
    """Return the files that were named, and those in folders that were named."""
    files: list[Path] = []
    for path in named or [CALIBRATION_PICTURE]:
        if not path.is_dir():
            files.append(path)
            continue
        inside = sorted(file for file in path.iterdir() if file.is_file())
        if not inside:
            raise ImageError(f'{path} has no pictures: name a folder of images, or images')
        files += inside
    return files


def _state(model: Model) -> str:
    try:
        record = store.read_record(model)
    except ModelLoadError as error:
        return f'broken: {error}'
    if record is None:
        return f'not here; fetch it with: posenet download {model.name}'
    verified = 'verified' if record.verified else 'not verified'
    quantized = [
        str(output_stride)
        for output_stride in model.output_strides
        if store.graph_file(output_stride, 'int8') in record.graphs
    ]
    int8 = f', int8 (output strides {", ".join(quantized)})' if quantized else ''
    return f'here, {verified}, from {record.source}; {", ".join(store.DOWNLOADED)}{int8}'


def _stop_cleanly() -> None:
    """Make SIGTERM stop the command as Ctrl-C does, so that nothing is left behind half done."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
