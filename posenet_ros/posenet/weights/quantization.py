"""
From a float32 graph in the user's cache to an int8 one beside it.

Calibration needs only the mean of each channel that a quantized layer reads. One picture gives it
as well as many (`docs/precision.md`), so that one comes with the package: `calibration.jpg`.
"""

from collections.abc import Sequence
from pathlib import Path
import tempfile
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ModelNotFoundError, WeightsError
from posenet_ros.framing.framing import Size
from posenet_ros.framing.whole_image import letterboxed
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import check_output_stride, Model
from posenet_ros.posenet.weights.download import require_onnx

if TYPE_CHECKING:
    import onnx

#: What `posenet quantize` calibrates on when no pictures are named; see NOTICE.
CALIBRATION_PICTURE = Path(__file__).with_name('calibration.jpg')

#: Sides of the network input for calibration, valid for all output strides.
INPUT_SIZE: Size = (257, 257)


def install_quantized(
    model: Model, output_strides: Sequence[int], pictures: Sequence[NDArray[np.uint8]]
) -> store.Record:
    """
    Put int8 graphs beside a model's float32 ones, and return the model's new record.

    `pictures` to calibrate on are uint8 RGB [height, width, 3], of any sizes, at least one. The
    cache changes when all are made; int8 graphs that were there and are not made anew stay.

    Raises SettingError for an output stride that the model does not have, ModelNotFoundError when
    the model was not downloaded, ModelLoadError when it is broken, WeightsError when the cache
    cannot be written, and MissingDependencyError when `onnx` is not installed.
    """
    for output_stride in output_strides:
        check_output_stride(model, output_stride)
    require_onnx()
    record = store.read_record(model)
    if record is None:
        raise ModelNotFoundError(store.remedy_for_missing(model.name))
    models = store.models_folder()
    try:
        with tempfile.TemporaryDirectory(dir=models, prefix=store.UNFINISHED) as temporary:
            for output_stride in output_strides:
                graph = models / model.name / store.graph_file(output_stride)
                made = Path(temporary) / store.graph_file(output_stride, 'int8')
                _write_quantized(graph, made, pictures)
            return store.add_graphs(Path(temporary), model, record)
    except OSError as error:
        raise WeightsError(f'cannot write the int8 graphs to {models}: {error}') from error


def _write_quantized(graph: Path, made: Path, pictures: Sequence[NDArray[np.uint8]]) -> None:
    import onnx

    from posenet_ros.posenet.weights.quantized_graph import quantize

    model = onnx.load(graph)
    onnx.save(quantize(model, channel_means(model, pictures)), made)


def channel_means(
    model: 'onnx.ModelProto', pictures: Sequence[NDArray[np.uint8]]
) -> dict[str, NDArray[np.float32]]:
    """
    Return the mean of each channel, float32 [channels], of all that quantized layers read.

    They are taken over the pictures, each letterboxed to 257x257, by the name of the activation.
    """
    from posenet_ros.posenet.weights.quantized_graph import quantized_layers

    names = [node.input[0] for node in quantized_layers(model.graph)]
    session = _session_with_outputs(model, names)
    total: dict[str, NDArray[np.float32]] = {}
    for picture in pictures:
        size = picture.shape[0], picture.shape[1]
        framed = letterboxed(size, input_size=INPUT_SIZE, output_stride=1).pad(picture)
        inputs = {'image': framed[np.newaxis], 'input_size': np.array(INPUT_SIZE, np.int64)}
        for name, value in zip(names, session.run(names, inputs), strict=True):
            total[name] = total.get(name, np.float32(0)) + value[0].mean(axis=(1, 2))
    return {name: np.asarray(value / len(pictures), np.float32) for name, value in total.items()}


def _session_with_outputs(model: 'onnx.ModelProto', names: Sequence[str]) -> Any:
    """Return a session that gives these activations too."""
    import onnx

    inspected = onnx.ModelProto()
    inspected.CopyFrom(model)
    for name in names:
        value = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        inspected.graph.output.append(value)
    return onnxruntime.InferenceSession(
        inspected.SerializeToString(), providers=['CPUExecutionProvider']
    )
