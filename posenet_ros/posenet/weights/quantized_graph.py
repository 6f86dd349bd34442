"""
A float32 graph with most of its convolutions in 8 bits, in ONNX's QDQ form.

Weights are int8, symmetric, with a scale for each output channel; activations are uint8 from 0 to
the 6 where ReLU6 cuts them, so that the rounding to 8 bits takes ReLU6's place. What stays in
float is sampling, normalisation, the first layers and the heads (`docs/precision.md` has what
each choice gains).

The error of rounded weights has a mean, which goes into the biases: with input channels of means
m, kernels W and rounded kernels W', (W - W') m. Source: M. Nagel, M. van Baalen, T. Blankevoort,
M. Welling: Data-Free Quantization Through Weight Equalization and Bias Correction, 2019.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper, numpy_helper

from posenet_ros.posenet.weights.mobilenet import FLOAT_LAYERS

Means = Mapping[str, NDArray[np.float32]]

# ReLU6 in 255 steps.
_STEP = np.float32(6 / 255)
# An int8 weight is -127 to 127: as many below zero as above.
_WEIGHT_STEPS = 127
# A bias is int32; this far it may reach.
_BIAS_STEPS = 2**30


def quantized_layers(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the convolutions that go to 8 bits: those with a ReLU6, but for the first."""
    cut = {node.input[0] for node in graph.node if node.op_type == 'Clip'}
    return [
        node
        for node in graph.node
        if node.op_type == 'Conv' and node.output[0] in cut and node.output[0] not in FLOAT_LAYERS
    ]


def quantize(model: onnx.ModelProto, means: Means) -> onnx.ModelProto:
    """
    Return the quantized form of a graph of `onnx_graph`; inputs, heads and metadata stay.

    `means` are of each quantized layer's input, float32 [channels], by the input's name.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    rewriting = _Rewriting(made.graph, means)
    for node in model.graph.node:
        rewriting.take(node)
    rewriting.finish()
    onnx.checker.check_model(made)
    return made


class _Rewriting:
    """The nodes of a graph, one by one, into those of the quantized graph."""

    def __init__(self, graph: onnx.GraphProto, means: Means) -> None:
        self._graph = graph
        self._means = means
        self._tensors = {tensor.name: tensor for tensor in graph.initializer}
        self._layers = {node.output[0] for node in quantized_layers(graph)}
        # What such a layer reads, and what it writes behind its ReLU6, is in 8 bits.
        inputs = {node.input[0] for node in graph.node if node.output[0] in self._layers}
        self._activations = inputs | {
            node.output[0] for node in graph.node if node.input[0] in self._layers
        }
        self._nodes: list[onnx.NodeProto] = []
        self._constant('activation_step', _STEP)
        self._constant('activation_zero', np.uint8(0))

    def take(self, node: onnx.NodeProto) -> None:
        """Append what becomes of a node of the float graph."""
        taken = onnx.NodeProto()
        taken.CopyFrom(node)
        taken.input[:] = [
            f'{name}/values' if name in self._activations else name for name in node.input
        ]
        (output,) = node.output
        if output in self._layers:
            taken.input[1:] = self._round_weights(node)
        # Behind a convolution the rounding cuts as ReLU6 does, and the two become one kernel.
        folded = output in self._activations and node.input[0] in self._layers
        if not folded:
            self._nodes.append(taken)
        if output in self._activations:
            self._round_activation(node.input[0] if folded else output, output)

    def finish(self) -> None:
        """Put the new nodes, and the constants they need, into the graph."""
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
        """Append a layer's weights and biases in 8 and 32 bits; returns their names as values."""
        source, kernel_name, bias_name = node.input
        kernel = numpy_helper.to_array(self._tensors[kernel_name])
        bias = numpy_helper.to_array(self._tensors[bias_name])
        rounded, steps = round_kernel(kernel, bias)
        values = rounded * steps[:, np.newaxis, np.newaxis, np.newaxis]
        bias = bias + mean_error(kernel - values, self._means[source])
        bias_steps = steps * _STEP
        rounded_bias = np.rint(bias / bias_steps).astype(np.int32)
        return [
            self._add_constant(kernel_name, rounded, steps),
            self._add_constant(bias_name, rounded_bias, bias_steps),
        ]

    def _add_constant(
        self, name: str, rounded: NDArray[np.int8 | np.int32], steps: NDArray[np.float32]
    ) -> str:
        """Append a constant with a step for each output channel."""
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

    A step is never so small that the bias would not fit into 32 bits: some channels of the
    published weights are all zeros but for their bias.
    """
    steps = np.abs(kernel).max(axis=(1, 2, 3)) / _WEIGHT_STEPS
    least = np.maximum(np.abs(bias) / (_BIAS_STEPS * _STEP), np.finfo(np.float32).tiny * 2**20)
    steps = np.maximum(steps, least).astype(np.float32)
    rounded = np.rint(kernel / steps[:, np.newaxis, np.newaxis, np.newaxis]).astype(np.int8)
    return rounded, steps


def mean_error(error: NDArray[np.float32], means: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what an error of a kernel [out, in, h, w] adds to each output, float32 [out]."""
    of_inputs = error.sum(axis=(2, 3))
    depthwise = error.shape[1] == 1
    added: NDArray[np.float32] = of_inputs[:, 0] * means if depthwise else of_inputs @ means
    return added
