"""
Rewriting a float32 graph so that most convolutions use 8 bits, in ONNX's QDQ format.

Weights are int8, symmetric, with one scale for each output channel. Activations are uint8 and
cover 0 to 6, the range of ReLU6, so that quantizing them replaces the ReLU6. Sampling,
normalisation, the first layers and the heads stay in float32; `docs/precision.md` has the measured
effect of each choice.

Rounding the weights shifts the mean of each output channel. The biases correct that shift: for
mean inputs m, kernels W and rounded kernels W', it is (W - W') m. Source: M. Nagel,
M. van Baalen, T. Blankevoort, M. Welling: Data-Free Quantization Through Weight Equalization and
Bias Correction, 2019.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper, numpy_helper

from posenet_ros.posenet.weights.mobilenet_layers import FLOAT_LAYERS

Means = Mapping[str, NDArray[np.float32]]

# Quantization step of activations: the range of ReLU6 divided into 255 steps.
_ACTIVATION_STEP = np.float32(6 / 255)
# Weights use only -127 to 127, so that they are symmetric.
_MAX_WEIGHT = 127
# Largest magnitude of a quantized bias; int32 can hold twice that.
_MAX_BIAS = 2**30


def quantized_layers(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the convolutions to quantize: those with a ReLU6, except `FLOAT_LAYERS`."""
    clipped = {node.input[0] for node in graph.node if node.op_type == 'Clip'}
    return [
        node
        for node in graph.node
        if node.op_type == 'Conv'
        and node.output[0] in clipped
        and node.output[0] not in FLOAT_LAYERS
    ]


def quantize_graph(model: onnx.ModelProto, means: Means) -> onnx.ModelProto:
    """
    Return a quantized copy of a graph of `onnx_graph`, with the same inputs, heads and metadata.

    `means` has the mean of each channel of each quantized layer's input, float32 [channels], by
    the name of that input.
    """
    quantized = onnx.ModelProto()
    quantized.CopyFrom(model)
    rewriting = _Rewriting(quantized.graph, means)
    for node in model.graph.node:
        rewriting.rewrite(node)
    rewriting.replace_nodes()
    onnx.checker.check_model(quantized)
    return quantized


class _Rewriting:
    """Replaces the nodes of a graph, one by one, with nodes of the quantized graph."""

    def __init__(self, graph: onnx.GraphProto, means: Means) -> None:
        self._graph = graph
        self._means = means
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self._layers = {node.output[0] for node in quantized_layers(graph)}
        # Their inputs, and their outputs after the ReLU6, are in 8 bits.
        inputs = {node.input[0] for node in graph.node if node.output[0] in self._layers}
        self._activations = inputs | {
            node.output[0] for node in graph.node if node.input[0] in self._layers
        }
        self._nodes: list[onnx.NodeProto] = []
        self._constant('activation_step', _ACTIVATION_STEP)
        self._constant('activation_zero', np.uint8(0))

    def rewrite(self, node: onnx.NodeProto) -> None:
        """Append the nodes that replace a node of the float32 graph."""
        rewritten = onnx.NodeProto()
        rewritten.CopyFrom(node)
        rewritten.input[:] = [
            f'{name}/values' if name in self._activations else name for name in node.input
        ]
        (output,) = node.output
        if output in self._layers:
            rewritten.input[1:] = self._round_weights(node)
        # Quantizing the output of a convolution clips it as its ReLU6 would. Without the ReLU6,
        # ONNX Runtime fuses the two into one kernel.
        folded = output in self._activations and node.input[0] in self._layers
        if not folded:
            self._nodes.append(rewritten)
        if output in self._activations:
            self._round_activation(node.input[0] if folded else output, output)

    def replace_nodes(self) -> None:
        """Replace the graph's nodes with the new ones, and keep only the constants they use."""
        used = {name for node in self._nodes for name in node.input}
        kept = [tensor for name, tensor in self._tensors.items() if name in used]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(self._nodes)
        self._graph.initializer.extend(kept)

    def _round_activation(self, source: str, name: str) -> None:
        step = ['activation_step', 'activation_zero']
        self._add('QuantizeLinear', [source, *step], f'{name}/rounded')
        self._add('DequantizeLinear', [f'{name}/rounded', *step], f'{name}/values')

    def _round_weights(self, node: onnx.NodeProto) -> list[str]:
        """Append int8 weights and int32 biases; return the names of their dequantized values."""
        source, kernel_name, bias_name = node.input
        kernel = numpy_helper.to_array(self._tensors[kernel_name])
        bias = numpy_helper.to_array(self._tensors[bias_name])
        rounded, steps = round_kernel(kernel, bias)
        values = rounded * steps[:, np.newaxis, np.newaxis, np.newaxis]
        bias = bias + mean_error(kernel - values, self._means[source])
        bias_steps = steps * _ACTIVATION_STEP
        rounded_bias = np.rint(bias / bias_steps).astype(np.int32)
        return [
            self._add_constant(kernel_name, rounded, steps),
            self._add_constant(bias_name, rounded_bias, bias_steps),
        ]

    def _add_constant(
        self, name: str, rounded: NDArray[np.int8 | np.int32], steps: NDArray[np.float32]
    ) -> str:
        """Append an integer constant with one step for each output channel."""
        self._constant(f'{name}/rounded', rounded)
        self._constant(f'{name}/steps', steps)
        self._constant(f'{name}/zeros', np.zeros(len(steps), rounded.dtype))
        inputs = [f'{name}/rounded', f'{name}/steps', f'{name}/zeros']
        return self._add('DequantizeLinear', inputs, f'{name}/values', axis=0)

    def _add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def _constant(self, name: str, value: NDArray[np.generic] | np.generic) -> None:
        self._tensors[name] = numpy_helper.from_array(np.asarray(value), name)


def round_kernel(
    kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """
    Return a kernel [out, in, h, w] in int8, and the step of each output channel, float32 [out].

    Steps are large enough for the bias to fit into 32 bits. This matters because in the published
    weights some channels are zero except for their bias.
    """
    steps = np.abs(kernel).max(axis=(1, 2, 3)) / _MAX_WEIGHT
    min_steps = np.maximum(
        np.abs(bias) / (_MAX_BIAS * _ACTIVATION_STEP), np.finfo(np.float32).tiny * 2**20
    )
    steps = np.maximum(steps, min_steps).astype(np.float32)
    rounded = np.rint(kernel / steps[:, np.newaxis, np.newaxis, np.newaxis]).astype(np.int8)
    return rounded, steps


def mean_error(error: NDArray[np.float32], means: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Return the mean change of each output channel, float32 [out], for an error of a kernel.

    `error` has the shape of the kernel, [out, in, h, w]; `means` are those of the input channels.
    """
    by_input = error.sum(axis=(2, 3))
    depthwise = error.shape[1] == 1
    change: NDArray[np.float32] = by_input[:, 0] * means if depthwise else by_input @ means
    return change
