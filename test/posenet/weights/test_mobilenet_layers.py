import numpy as np
from published import small_weights
import pytest

from posenet_ros.errors import WeightsError
from posenet_ros.posenet.weights.mobilenet_layers import (
    layer_steps,
    LayerStep,
    sort_into_layers,
    weights_sha256,
)


@pytest.mark.parametrize(
    ('multiplier', 'output_stride'), [(50, 8), (50, 16), (75, 8), (75, 16), (100, 8), (100, 32)]
)
def test_the_strides_multiply_to_the_output_stride(multiplier: int, output_stride: int) -> None:
    steps = layer_steps(multiplier, output_stride)
    assert len(steps) == 14
    assert np.prod([step.stride for step in steps]) == output_stride


def test_the_native_stride_needs_no_dilation() -> None:
    assert {step.dilation for step in layer_steps(100, 32)} == {1}
    assert {step.dilation for step in layer_steps(75, 16)} == {1}


def test_a_stride_that_is_left_out_multiplies_the_dilation_of_the_later_layers() -> None:
    # Past output stride 8, the full network has stride 2 in its 7th and 13th layer.
    steps = layer_steps(100, 8)
    assert steps[:6] == [LayerStep(stride, 1) for stride in (2, 1, 2, 1, 2, 1)]
    assert [step.dilation for step in steps[6:]] == [1, 2, 2, 2, 2, 2, 2, 4]


def test_both_published_names_of_biases_are_accepted() -> None:
    renamed = {
        name.replace('MobilenetV1/MobilenetV1', 'MobilenetV1'): tensor
        for name, tensor in small_weights().items()
    }
    assert sort_into_layers(renamed, 75).keys() == sort_into_layers(small_weights(), 75).keys()


def test_weights_of_another_multiplier_are_rejected() -> None:
    with pytest.raises(WeightsError, match=r'Conv2d_0 .* multiplier 0\.5'):
        sort_into_layers(small_weights(75), 50)


def test_a_layer_whose_input_channels_do_not_match_the_previous_layer_is_rejected() -> None:
    wrong = small_weights()
    wrong['MobilenetV1/Conv2d_5_pointwise/weights'] = np.zeros((1, 1, 7, 8), 'f4')
    with pytest.raises(WeightsError, match=r'Conv2d_5_pointwise .*\[1, 1, 7, 8\]'):
        sort_into_layers(wrong, 75)


def test_a_missing_layer_is_named() -> None:
    wrong = small_weights()
    del wrong['MobilenetV1/offset_2/weights']
    with pytest.raises(WeightsError, match='offset_2'):
        sort_into_layers(wrong, 75)


def test_the_sha256_of_weights_depends_on_values_shapes_and_on_which_layer_has_them() -> None:
    layers = sort_into_layers(small_weights(), 75)
    changed = {**layers, 'heatmap_2': (layers['heatmap_2'][0] + 1, layers['heatmap_2'][1])}
    swapped = {
        **layers,
        'displacement_fwd_2': layers['displacement_bwd_2'],
        'displacement_bwd_2': layers['displacement_fwd_2'],
    }
    renamed = {layer.replace('heatmap_2', 'heatmap_3'): one for layer, one in layers.items()}
    kernel, bias = layers['heatmap_2']
    reshaped = {**layers, 'heatmap_2': (kernel.reshape(1, 2, -1, kernel.shape[-1]), bias)}
    reordered = dict(reversed(layers.items()))
    assert weights_sha256(reordered) == weights_sha256(layers)
    others = (changed, swapped, renamed, reshaped)
    assert len({weights_sha256(one) for one in (layers, *others)}) == 5
