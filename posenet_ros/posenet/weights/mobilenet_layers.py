"""
The layers of PoseNet's MobileNetV1, and their weights.

`Conv2d_0` is a 3 x 3 convolution. `Conv2d_1` to `Conv2d_13` are pairs of a depthwise 3 x 3 and a
pointwise 1 x 1 convolution. Each convolution has a bias, into which batch normalisation is folded,
and a ReLU6. Four more 1 x 1 convolutions compute the heads.
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

#: Layer of each head, in the order of :class:`posenet_ros.posenet.heads.Heads`.
HEAD_LAYERS = {
    'heatmap_scores': 'heatmap_2',
    'offsets': 'offset_2',
    'displacements_fwd': 'displacement_fwd_2',
    'displacements_bwd': 'displacement_bwd_2',
}

#: Layers that stay in float32 in every precision, like the heads. Their few channels have very
#: different ranges, and their errors propagate through all other layers.
FLOAT_LAYERS = ('Conv2d_0', 'Conv2d_1_depthwise', 'Conv2d_1_pointwise')

# Strides of the 14 layers in the published graphs. Models below multiplier 1.0 have an output
# stride of 16.
_STRIDES_100 = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
_STRIDES_BELOW_100 = (2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1)

# Output channels of the first layer of the full MobileNetV1 (Howard et al., 2017, table 1). The
# channels of the other layers are read from the weights, because the last layers of models below
# multiplier 1.0 have fewer channels than the multiplier implies.
_FIRST_CHANNELS_100 = 32


@dataclass(frozen=True)
class LayerStep:
    """The stride and the dilation of one of the 14 layers."""

    stride: int
    #: Spacing of the 3 x 3 kernel's taps, in cells of the layer's input; 1 is dense.
    dilation: int


def layer_steps(multiplier: int, output_stride: int) -> list[LayerStep]:
    """
    Return the stride and the dilation of each of the 14 layers for an output stride.

    Layers keep their strides until the product of the strides reaches the output stride. The
    layers after that run at stride 1. Each stride that is replaced by 1 multiplies the dilation of
    the layers after it, so that every kernel covers the same part of the image as in training.
    """
    chosen: list[LayerStep] = []
    product, dilation = 1, 1
    for stride in _STRIDES_100 if multiplier == 100 else _STRIDES_BELOW_100:
        if product < output_stride:
            chosen.append(LayerStep(stride, 1))
            product *= stride
        else:
            chosen.append(LayerStep(1, dilation))
            dilation *= stride
    return chosen


def sort_into_layers(tensors: dict[str, Array], multiplier: int) -> Layers:
    """
    Return the kernel and the bias of each layer, from tensors by their published names.

    Kernels stay in TensorFlow's layout: [height, width, in, out], or [height, width, channels, 1]
    if depthwise. Raises WeightsError if a layer is missing, if its input channels are not the
    output channels of the previous layer, or if the first layer has another multiplier.
    """
    # Published names: MobilenetV1/Conv2d_0/weights, MobilenetV1/MobilenetV1/Conv2d_0/Conv2D_bias
    named = {re.sub('^(MobilenetV1/)+', '', name): tensor for name, tensor in tensors.items()}
    layers: Layers = {}

    def add(layer: str, kernel_size: int, channels_in: int, channels_out: int = 0) -> int:
        """Add a layer and return its output channels; 0 accepts any number of them."""
        depthwise = layer.endswith('_depthwise')
        kind = 'depthwise_' if depthwise else ''
        kernel = named.get(f'{layer}/{kind}weights')
        bias = named.get(f'{layer}/{kind or "Conv2D_"}bias')
        if kernel is None or bias is None:
            raise WeightsError(
                f'the weights have no layer {layer}: is this a MobileNetV1 PoseNet?'
            )
        channels_out = channels_out or bias.size
        shape = (kernel_size, kernel_size, channels_in, 1 if depthwise else channels_out)
        if kernel.shape != shape or bias.shape != (channels_out,):
            raise WeightsError(
                f'layer {layer} has a kernel of shape {list(kernel.shape)} and a bias of shape '
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
    """
    Return the sha256 of everything that the graphs are built from.

    This is the name of each layer, in the order of the names, and the shapes and the float32
    values of its kernel and bias. It does not depend on how the manifest is formatted.
    """
    digest = hashlib.sha256()
    for layer, arrays in sorted(layers.items()):
        digest.update(layer.encode())
        for array in arrays:
            digest.update(str(array.shape).encode())
            digest.update(array.astype('<f4').tobytes())
    return digest.hexdigest()
