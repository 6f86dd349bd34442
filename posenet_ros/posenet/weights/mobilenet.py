"""
The layers of PoseNet's MobileNetV1, and their weights by layer.

`Conv2d_0` is a 3 x 3 convolution, `Conv2d_1` to `Conv2d_13` are pairs of a depthwise 3 x 3 and a
pointwise 1 x 1 convolution, each with a bias (batch normalisation is folded in) and a ReLU6.
Four 1 x 1 convolutions are the heads.
"""

from dataclasses import dataclass
import hashlib
import re

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import WeightsError
from posenet_ros.posenet.heads import CHANNELS

Array = NDArray[np.float32]
#: Kernel and bias by layer name.
Layers = dict[str, tuple[Array, Array]]

#: The network's names of the heads, in the order of :class:`posenet_ros.posenet.heads.Heads`.
HEAD_LAYERS = {
    'heatmap_scores': 'heatmap_2',
    'offsets': 'offset_2',
    'displacements_fwd': 'displacement_fwd_2',
    'displacements_bwd': 'displacement_bwd_2',
}

#: Layers that stay in float32 in every precision, besides the heads. Their inputs and outputs have
#: few channels of very different ranges, and their errors go through all other layers.
FLOAT_LAYERS = ('Conv2d_0', 'Conv2d_1_depthwise', 'Conv2d_1_pointwise')

# Strides of the layers of the published graphs. The models below multiplier 1.0 stop at 16.
_STRIDES_100 = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
_STRIDES_BELOW_100 = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1)

# Output channels of the first layer of the full MobileNetV1 (Howard et al., 2017, table 1). What
# the other layers have is read off the weights: the models below multiplier 1.0 end narrower.
_FIRST_CHANNELS_100 = 32


@dataclass(frozen=True)
class Step:
    """How one of the 14 layers is run."""

    stride: int
    #: Spread of the 3 x 3 kernel, in cells of the layer's input; 1 is dense.
    dilation: int


def steps(multiplier: int, output_stride: int) -> list[Step]:
    """
    Return how each of the 14 layers is run for an output stride.

    While the strides so far multiply to less than the output stride, a layer keeps its own.
    From there on layers run at stride 1, and each stride left out widens the dilation of the
    layers behind it, so that every kernel sees what it saw when it was trained.
    """
    walked: list[Step] = []
    product, dilation = 1, 1
    for stride in _STRIDES_100 if multiplier == 100 else _STRIDES_BELOW_100:
        if product < output_stride:
            walked.append(Step(stride, 1))
            product *= stride
        else:
            walked.append(Step(1, dilation))
            dilation *= stride
    return walked


def layer_weights(tensors: dict[str, Array], multiplier: int) -> Layers:
    """
    Return kernel and bias by layer name, from tensors by their published names.

    Kernels stay in TensorFlow's layout: [height, width, in, out], depthwise ones
    [height, width, channels, 1]. Raises WeightsError when a layer is missing or does not take
    what the layer before it gives, or when the first one is not of that multiplier.
    """
    # Published names: MobilenetV1/Conv2d_0/weights, MobilenetV1/MobilenetV1/Conv2d_0/Conv2D_bias
    named = {re.sub('^(MobilenetV1/)+', '', name): tensor for name, tensor in tensors.items()}
    layers: Layers = {}

    def add(layer: str, kernel_size: int, channels_in: int, channels_out: int = 0) -> int:
        """Add a layer and return its output channels; 0 asks for as many as there are."""
        depthwise = layer.endswith('_depthwise')
        kind = 'depthwise_' if depthwise else ''
        kernel = named.get(f'{layer}/{kind}weights')
        bias = named.get(f'{layer}/{kind or "Conv2D_"}bias')
        if kernel is None or bias is None:
            raise WeightsError(f'no layer {layer} in the weights: is this a MobileNetV1 PoseNet?')
        channels_out = channels_out or bias.size
        shape = (kernel_size, kernel_size, channels_in, 1 if depthwise else channels_out)
        if kernel.shape != shape or bias.shape != (channels_out,):
            raise WeightsError(
                f'layer {layer} has a kernel of {list(kernel.shape)} and a bias of '
                f'{list(bias.shape)}, expected {list(shape)} and [{channels_out}]: '
                f'are these the weights of multiplier {multiplier / 100}?'
            )
        layers[layer] = (kernel, bias)
        return channels_out

    channels = add('Conv2d_0', 3, 3, _FIRST_CHANNELS_100 * multiplier // 100)
    for block in range(1, len(_STRIDES_100)):
        add(f'Conv2d_{block}_depthwise', 3, channels, channels)
        channels = add(f'Conv2d_{block}_pointwise', 1, channels)
    for head, layer in HEAD_LAYERS.items():
        add(layer, 1, channels, CHANNELS[head])
    return layers


def weights_sha256(layers: Layers) -> str:
    """Return the sha256 of all kernels and biases with their layers' names."""
    digest = hashlib.sha256()
    for layer, (kernel, bias) in sorted(layers.items()):
        digest.update(layer.encode())
        digest.update(kernel.astype('<f4').tobytes())
        digest.update(bias.astype('<f4').tobytes())
    return digest.hexdigest()
