import numpy as np
import onnx
from onnx import numpy_helper
from published import small_weights
import pytest

from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.graph_feed import graph_inputs
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.weights.mobilenet_layers import (
    FLOAT_LAYERS,
    HEAD_LAYERS,
    sort_into_layers,
)
from posenet_ros.posenet.weights.onnx_graph import build_graph
from posenet_ros.posenet.weights.quantized_graph import (
    mean_error,
    quantize_graph,
    quantized_layers,
    round_kernel,
)


@pytest.fixture(scope='module')
def plain() -> onnx.ModelProto:
    """Return a float32 graph with small random weights."""
    layers = sort_into_layers(small_weights(), 75)
    return build_graph(layers, model='a', multiplier=75, output_stride=16)


@pytest.fixture(scope='module')
def quantized(plain: onnx.ModelProto) -> onnx.ModelProto:
    """Return the quantized form of that graph, for inputs with a mean of 1 in each channel."""
    kernels = {tensor.name: tensor.dims for tensor in plain.graph.initializer}
    means = {}
    for node in quantized_layers(plain.graph):
        out_channels, in_channels = kernels[node.input[1]][:2]
        depthwise = node.name.endswith('depthwise') or in_channels == 1
        means[node.input[0]] = np.ones(out_channels if depthwise else in_channels, np.float32)
    return quantize_graph(plain, means)


def test_inputs_heads_and_metadata_are_those_of_the_float32_graph(
    plain: onnx.ModelProto, quantized: onnx.ModelProto
) -> None:
    assert list(quantized.graph.input) == list(plain.graph.input)
    assert list(quantized.graph.output) == list(plain.graph.output)
    assert list(quantized.metadata_props) == list(plain.metadata_props)


def test_the_float32_graph_stays_unchanged(plain: onnx.ModelProto) -> None:
    assert not any(node.op_type == 'QuantizeLinear' for node in plain.graph.node)


def test_weights_are_int8_except_for_the_first_layers_and_the_heads(
    quantized: onnx.ModelProto,
) -> None:
    tensors = quantized.graph.initializer
    floats = {t.name for t in tensors if t.data_type == onnx.TensorProto.FLOAT}
    kernels = {name.removesuffix('/kernel') for name in floats if name.endswith('/kernel')}
    assert kernels == {*FLOAT_LAYERS, *HEAD_LAYERS.values()}
    rounded = [tensor for tensor in tensors if tensor.name.endswith('/kernel/rounded')]
    assert {numpy_helper.to_array(tensor).dtype for tensor in rounded} == {np.dtype(np.int8)}
    assert len(rounded) == 27 - len(FLOAT_LAYERS)


def test_images_of_any_size_and_number_can_be_processed(quantized: onnx.ModelProto) -> None:
    session = onnxruntime.InferenceSession(quantized.SerializeToString())
    images = [np.full((40, 30, 3), 128, np.uint8), np.full((20, 60, 3), 128, np.uint8)]
    framings = [stretched((40, 30), (33, 49)), stretched((20, 60), (33, 49))]
    heads = session.run(None, graph_inputs(images, framings))
    assert [head.shape for head in heads] == [
        (2, channels, 3, 4) for channels in CHANNELS.values()
    ]


def test_a_kernel_is_rounded_by_at_most_half_a_step_of_its_channel() -> None:
    kernel = np.asarray(np.random.default_rng(0).normal(0, 1, (4, 3, 2, 2)), np.float32)
    kernel[1] *= 100
    rounded, steps = round_kernel(kernel, np.zeros(4, np.float32))
    error = np.abs(rounded * steps[:, np.newaxis, np.newaxis, np.newaxis] - kernel)
    assert (error.max(axis=(1, 2, 3)) <= 0.501 * steps).all()
    assert steps[1] > 20 * steps[0]


def test_the_bias_of_a_channel_without_weights_fits_into_32_bits() -> None:
    bias = np.array([3.0, 0.0], np.float32)
    rounded, steps = round_kernel(np.zeros((2, 3, 1, 1), np.float32), bias)
    assert not rounded.any()
    assert (steps > 0).all()
    assert np.abs(bias / (steps * np.float32(6 / 255))).max() < 2**31


@pytest.mark.parametrize('depthwise', [True, False])
def test_the_mean_error_is_the_change_that_a_constant_input_causes(depthwise: bool) -> None:
    random = np.random.default_rng(0)
    error = np.asarray(random.normal(0, 1, (3, 1 if depthwise else 3, 2, 2)), np.float32)
    means = np.array([1.0, 2.0, 3.0], np.float32)
    expected = [
        sum(
            error[o, 0 if depthwise else i].sum() * means[i]
            for i in ([o] if depthwise else [0, 1, 2])
        )
        for o in range(3)
    ]
    assert mean_error(error, means) == pytest.approx(expected, rel=1e-5)
