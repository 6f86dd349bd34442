"""
The network as an ONNX graph, from an image's bytes to heads.

Inputs: `image`, uint8 [N, height, width, 3], RGB, padded where it is letterboxed; `input_size`,
int64 [2], the (height, width) that the image is sampled to, both valid sides (a multiple of the
output stride plus 1), which makes SAME padding symmetric. Outputs: float32
[N, channels, rows, columns], by the names of :class:`posenet_ros.posenet.heads.Heads`.

Sampling, normalisation to -1..1 and the sigmoid of the heatmap are inside, so that bytes go in as
they came from the camera and finished heads come out, on whichever device runs the graph. The
sampling is the reference's: bilinear, input pixel d shows the image at d * scale, with no shift by
half a pixel, and is not rounded to bytes.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper, numpy_helper, TensorProto

from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.weights.mobilenet import FLOAT_LAYERS, HEAD_LAYERS, Layers, steps
from posenet_ros.posenet.weights.store import GRAPH_FORMAT

# Both are read by every ONNX Runtime since 1.14. Opset 18 brings a Resize of some axes only.
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
    Build the graph of a model for an output stride, from kernels and biases by layer name.

    Kernels come in TensorFlow's layout. Model, output stride and format are written
    into the metadata. With float16, layers are in half precision; sampling, normalisation,
    `FLOAT_LAYERS` and heads stay in float32, as do the graph's inputs and outputs.
    """
    graph = _Graph(layers)
    activation = graph.normalise(graph.sample('image', 'input_size'))
    for block, step in enumerate(steps(multiplier, output_stride)):
        spatial = f'Conv2d_{block}_depthwise' if block else 'Conv2d_0'
        if precision == 'float16' and graph.kind is np.float32 and spatial not in FLOAT_LAYERS:
            activation = graph.add('Cast', [activation], 'halves', to=TensorProto.FLOAT16)
            graph.kind = np.float16
        activation = graph.convolve(
            spatial, activation, stride=step.stride, dilation=step.dilation
        )
        if block:
            activation = graph.convolve(f'Conv2d_{block}_pointwise', activation)
    if precision == 'float16':
        # A vector of 300 pixels would be rounded to a quarter of a pixel in half precision.
        activation = graph.add('Cast', [activation], 'features', to=TensorProto.FLOAT)
    graph.kind = np.float32
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
    """Nodes and constants of a graph in the making."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        #: Of the numbers in the layers that are appended.
        self.kind: type[np.floating[Any]] = np.float32
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        self._nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def sample(self, image: str, input_size: str) -> str:
        """
        Append what samples an NHWC image to the input size, NCHW, 0 to 255.

        The channels come first before it: ONNX Runtime's CUDA kernel takes the last two axes for
        the height and the width, whatever `axes` says. On the CPU both ways give the same, bit by
        bit.
        """
        planes = self.add('Transpose', [image], 'planes', perm=[0, 3, 1, 2])
        values = self.add('Cast', [planes], 'values', to=TensorProto.FLOAT)
        return self.add(
            'Resize',
            [values, '', '', input_size],
            'sampled',
            axes=[2, 3],
            mode='linear',
            coordinate_transformation_mode='asymmetric',
        )

    def normalise(self, image: str) -> str:
        """Append what turns an image of 0 to 255 into one of -1 to 1."""
        half_range = self._constant('half_range', np.float32(_HALF_RANGE))
        one = self._constant('one', np.float32(1))
        scaled = self.add('Div', [image, half_range], 'scaled')
        return self.add('Sub', [scaled, one], 'normalised')

    def convolve(
        self, layer: str, source: str, *, stride: int = 1, dilation: int = 1, output: str = ''
    ) -> str:
        """Append a layer's convolution; with ReLU6 unless an output's name is given."""
        kernel, bias = self._layers[layer]
        depthwise = layer.endswith('_depthwise')
        # [h, w, in, out] -> [out, in, h, w]; depthwise [h, w, channels, 1] -> [channels, 1, h, w]
        kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        # ONNX Runtime refuses auto_pad=SAME with dilation. On valid sides SAME is symmetric.
        pad = dilation * (kernel.shape[2] // 2)
        name = self.add(
            'Conv',
            [
                source,
                self._constant(f'{layer}/kernel', kernel.astype(self.kind)),
                self._constant(f'{layer}/bias', bias.astype(self.kind)),
            ],
            output or layer,
            strides=[stride, stride],
            dilations=[dilation, dilation],
            pads=[pad, pad, pad, pad],
            group=kernel.shape[0] if depthwise else 1,
        )
        if output:
            return name
        ending = '' if self.kind is np.float32 else '_half'
        limits = [
            self._constant(f'zero{ending}', self.kind(0)),
            self._constant(f'six{ending}', self.kind(6)),
        ]
        return self.add('Clip', [name, *limits], f'{layer}/relu6')

    def finish(self, metadata: dict[str, str]) -> onnx.ModelProto:
        """Return the checked model."""
        inputs = [
            helper.make_tensor_value_info('image', TensorProto.UINT8, ['N', 'height', 'width', 3]),
            helper.make_tensor_value_info('input_size', TensorProto.INT64, [2]),
        ]
        heads = [
            helper.make_tensor_value_info(
                head, TensorProto.FLOAT, ['N', channels, 'rows', 'columns']
            )
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

    def _constant(self, name: str, value: NDArray[Any] | np.floating[Any]) -> str:
        if not any(constant.name == name for constant in self._constants):
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
