"""
The network as an ONNX graph, from the image pixels around each sample to heads.

Inputs, for N images and a network input of height x width: `top_left`, `top_right`, `bottom_left`
and `bottom_right`, uint8 RGB [N, height, width, 3], the image pixels around each sample;
`row_fractions`, float32 [N, height, 1, 1], and `column_fractions`, float32 [N, 1, width, 3], the
place of the sample between them (see :class:`posenet_ros.framing.sampling.Samples`). Height and
width must be a multiple of the output stride plus 1, which makes SAME padding symmetric. Outputs:
float32 [N, channels, rows, columns], named as in :class:`posenet_ros.posenet.heads.Heads`.

The graph includes the blending of the four pixels, normalisation to -1..1 and the sigmoid of the
heatmap. So everything from bytes to heads runs on the same device, and NumPy does not calculate
with pixels. As in the reference implementation, samples are not rounded to bytes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper, numpy_helper, TensorProto

from posenet_ros.posenet.graph_feed import NEIGHBOURS
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT
from posenet_ros.posenet.weights.mobilenet_layers import (
    FLOAT_LAYERS,
    HEAD_LAYERS,
    layer_steps,
    Layers,
)

# ONNX Runtime 1.14 and newer supports both.
_OPSET = 18
_IR_VERSION = 8

# The published preprocessing: value / 127.5 - 1.
_HALF_RANGE = 127.5


def build_graph(
    layers: Layers,
    *,
    model: str,
    multiplier: int,
    output_stride: int,
    precision: str = 'float32',
) -> onnx.ModelProto:
    """
    Build the graph of a model for an output stride, from the kernels and biases of its layers.

    Kernels are in TensorFlow's layout. The metadata of the graph holds the model's name, the
    output stride and the graph format. With float16 the layers run in half precision; blending,
    normalisation, `FLOAT_LAYERS`, the heads and the graph's inputs and outputs stay in float32.
    """
    graph = _Graph(layers)
    activation = graph.normalise(graph.blend())
    for block, step in enumerate(layer_steps(multiplier, output_stride)):
        spatial = f'Conv2d_{block}_depthwise' if block else 'Conv2d_0'
        if precision == 'float16' and graph.dtype is np.float32 and spatial not in FLOAT_LAYERS:
            activation = graph.add('Cast', [activation], 'halves', to=TensorProto.FLOAT16)
            graph.dtype = np.float16
        activation = graph.convolve(
            spatial, activation, stride=step.stride, dilation=step.dilation
        )
        if block:
            activation = graph.convolve(f'Conv2d_{block}_pointwise', activation)
    if precision == 'float16':
        # Half precision would round a vector of 300 pixels to a multiple of a quarter of a pixel.
        activation = graph.add('Cast', [activation], 'features', to=TensorProto.FLOAT)
    graph.dtype = np.float32
    for head, layer in HEAD_LAYERS.items():
        sigmoid = head == 'heatmap_scores'
        name = graph.convolve(layer, activation, output='logits' if sigmoid else head)
        if sigmoid:
            graph.add('Sigmoid', [name], head)
    return graph.finish(
        {
            'model': model,
            'output_stride': str(output_stride),
            'graph_format': str(GRAPH_FORMAT),
        }
    )


class _Graph:
    """The nodes and constants of a graph while it is built."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        #: Type of the kernels and biases of the next layers.
        self.dtype: type[np.floating[Any]] = np.float32
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        self._nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def blend(self) -> str:
        """Append nodes that blend the pixels around each sample, NCHW, with values 0 to 255."""
        top_left, top_right, bottom_left, bottom_right = (
            self.add('Cast', [name], f'{name}/values', to=TensorProto.FLOAT) for name in NEIGHBOURS
        )
        left = self._interpolate(top_left, bottom_left, 'row_fractions', 'left')
        right = self._interpolate(top_right, bottom_right, 'row_fractions', 'right')
        samples = self._interpolate(left, right, 'column_fractions', 'samples')
        return self.add('Transpose', [samples], 'sampled', perm=[0, 3, 1, 2])

    def normalise(self, image: str) -> str:
        """Append nodes that normalise an image from 0..255 to -1..1."""
        half_range = self._constant('half_range', np.float32(_HALF_RANGE))
        one = self._constant('one', np.float32(1))
        scaled = self.add('Div', [image, half_range], 'scaled')
        return self.add('Sub', [scaled, one], 'normalised')

    def convolve(
        self, layer: str, source: str, *, stride: int = 1, dilation: int = 1, output: str = ''
    ) -> str:
        """Append the convolution of a layer, with a ReLU6 unless `output` names its result."""
        kernel, bias = self._layers[layer]
        depthwise = layer.endswith('_depthwise')
        # [h, w, in, out] -> [out, in, h, w]; depthwise [h, w, channels, 1] -> [channels, 1, h, w]
        kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        # ONNX Runtime rejects auto_pad=SAME with dilation. For valid sides, SAME is symmetric.
        pad = dilation * (kernel.shape[2] // 2)
        name = self.add(
            'Conv',
            [
                source,
                self._constant(f'{layer}/kernel', kernel.astype(self.dtype)),
                self._constant(f'{layer}/bias', bias.astype(self.dtype)),
            ],
            output or layer,
            strides=[stride, stride],
            dilations=[dilation, dilation],
            pads=[pad, pad, pad, pad],
            group=kernel.shape[0] if depthwise else 1,
        )
        if output:
            return name
        suffix = '' if self.dtype is np.float32 else '_half'
        limits = [
            self._constant(f'zero{suffix}', self.dtype(0)),
            self._constant(f'six{suffix}', self.dtype(6)),
        ]
        return self.add('Clip', [name, *limits], f'{layer}/relu6')

    def finish(self, metadata: dict[str, str]) -> onnx.ModelProto:
        """Return the model; raises onnx.checker.ValidationError if it is invalid."""
        float32 = TensorProto.FLOAT
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.UINT8, ['N', 'height', 'width', 3])
            for name in NEIGHBOURS
        ]
        inputs += [
            helper.make_tensor_value_info('row_fractions', float32, ['N', 'height', 1, 1]),
            helper.make_tensor_value_info('column_fractions', float32, ['N', 1, 'width', 3]),
        ]
        heads = [
            helper.make_tensor_value_info(head, float32, ['N', channels, 'rows', 'columns'])
            for head, channels in CHANNELS.items()
        ]
        graph = helper.make_graph(
            self._nodes, metadata['model'], inputs, heads, initializer=self._constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid('', _OPSET)],
            ir_version=_IR_VERSION,
            producer_name='posenet_ros',
        )
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model

    def _interpolate(self, first: str, second: str, fractions: str, output: str) -> str:
        """Append nodes for first + (second - first) * fractions, the formula of the reference."""
        difference = self.add('Sub', [second, first], f'{output}/difference')
        part = self.add('Mul', [difference, fractions], f'{output}/part')
        return self.add('Add', [first, part], output)

    def _constant(self, name: str, value: 'NDArray[Any] | np.floating[Any]') -> str:
        if not any(constant.name == name for constant in self._constants):
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
