"""
Building int8 graphs beside the float32 graphs in the user's cache.

Calibration needs only the mean of each input channel of the quantized layers. One picture is as
good as many for this (`docs/precision.md`), so the package contains one: `calibration.jpg`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import WeightsError
from posenet_ros.framing.framing import Size
from posenet_ros.framing.whole_image import letterboxed
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.graph_feed import graph_inputs
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import check_output_stride, Model
from posenet_ros.posenet.weights.graph_files import graph_file
from posenet_ros.posenet.weights.installation import require_onnx
from posenet_ros.posenet.weights.model_record import ModelRecord

if TYPE_CHECKING:
    import onnx

#: The picture on which `posenet quantize` calibrates by default; NOTICE has its source.
CALIBRATION_PICTURE = Path(__file__).with_name('calibration.jpg')

#: (height, width) of the network input for calibration, valid for all output strides.
INPUT_SIZE: Size = (257, 257)


def install_int8_graphs(
    model: Model, output_strides: Sequence[int], pictures: Iterable[NDArray[np.uint8]]
) -> ModelRecord:
    """
    Build int8 graphs beside a model's float32 graphs, and return the model's new record.

    `pictures` to calibrate on, at least one, are uint8 RGB [height, width, 3] of any sizes. They
    are iterated once for each output stride, and only one is needed at a time. The cache changes
    only after all graphs are built. Existing int8 graphs of other output strides are
    kept.

    Raises SettingError if the model does not support an output stride, ModelNotFoundError if it
    was not downloaded, ModelLoadError if it is broken, WeightsError if the cache cannot be
    written, and MissingDependencyError if `onnx` is not installed.
    """
    for output_stride in output_strides:
        check_output_stride(model, output_stride)
    require_onnx()
    store.remove_abandoned_folders()
    record = store.find_record(model)
    if record is None:
        raise store.model_not_found(model)
    models = store.models_folder()
    try:
        with store.temporary_folder() as temporary:
            for output_stride in output_strides:
                graph = models / model.name / graph_file(output_stride)
                target = temporary / graph_file(output_stride, 'int8')
                _write_int8_graph(graph, target, pictures)
            return store.move_graphs_into_model(temporary, model, record)
    except OSError as error:
        raise WeightsError(
            f'cannot write the int8 graphs to {models}: {error}; {store.SPACE_REMEDY}'
        ) from error


def _write_int8_graph(graph: Path, target: Path, pictures: Iterable[NDArray[np.uint8]]) -> None:
    import onnx

    from posenet_ros.posenet.weights.quantized_graph import quantize_graph

    model = onnx.load(graph)
    onnx.save(quantize_graph(model, channel_means(model, pictures)), target)


def channel_means(
    model: 'onnx.ModelProto', pictures: Iterable[NDArray[np.uint8]]
) -> dict[str, NDArray[np.float32]]:
    """
    Return the mean of each input channel of the quantized layers, float32 [channels].

    Keys are the names of the activations that the layers read. The pictures, uint8 RGB
    [height, width, 3], are letterboxed to `INPUT_SIZE`; each counts equally.
    """
    from posenet_ros.posenet.weights.quantized_graph import quantized_layers

    names = [node.input[0] for node in quantized_layers(model.graph)]
    session = _session_with_outputs(model, names)
    total: dict[str, NDArray[np.float32]] = {}
    count = 0
    for picture in pictures:
        count += 1
        size = picture.shape[0], picture.shape[1]
        framing = letterboxed(size, input_size=INPUT_SIZE, output_stride=1)
        inputs = graph_inputs([picture], [framing])
        for name, value in zip(names, session.run(names, inputs), strict=True):
            total[name] = total.get(name, np.float32(0)) + value[0].mean(axis=(1, 2))
    return {name: np.asarray(value / count, np.float32) for name, value in total.items()}


def _session_with_outputs(model: 'onnx.ModelProto', names: Sequence[str]) -> Any:
    """Return a session that also returns these activations."""
    import onnx

    extended = onnx.ModelProto()
    extended.CopyFrom(model)
    for name in names:
        value = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        extended.graph.output.append(value)
    return onnxruntime.InferenceSession(
        extended.SerializeToString(), providers=['CPUExecutionProvider']
    )
