import numpy as np
from published import small_weights
import pytest

from posenet_ros.errors import WeightsError
from posenet_ros.posenet.weights.mobilenet import layer_weights, Step, steps


@pytest.mark.parametrize(
    ('multiplier', 'output_stride'), [(50, 8), (50, 16), (75, 8), (75, 16), (100, 8), (100, 32)]
)
def test_the_strides_multiply_to_the_output_stride(multiplier: int, output_stride: int) -> None:
    walked = steps(multiplier, output_stride)
    assert len(walked) == 14
    assert np.prod([step.stride for step in walked]) == output_stride


def test_the_native_stride_needs_no_dilation() -> None:
    assert {step.dilation for step in steps(100, 32)} == {1}
    assert {step.dilation for step in steps(75, 16)} == {1}


def test_a_stride_left_out_widens_the_layers_behind_it() -> None:
    # The full network strides at its 7th and 13th layer past the first three.
    walked = steps(100, 8)
    assert walked[:6] == [Step(stride, 1) for stride in (2, 1, 2, 1, 2, 1)]
    assert [step.dilation for step in walked[6:]] == [1, 2, 2, 2, 2, 2, 2, 4]


def test_both_ways_of_naming_biases_are_read() -> None:
    renamed = {
        name.replace('MobilenetV1/MobilenetV1', 'MobilenetV1'): tensor
        for name, tensor in small_weights().items()
    }
    assert layer_weights(renamed, 75).keys() == layer_weights(small_weights(), 75).keys()


def test_weights_of_another_multiplier_are_refused() -> None:
    with pytest.raises(WeightsError, match=r'Conv2d_0 .* multiplier 0\.5'):
        layer_weights(small_weights(75), 50)


def test_a_layer_that_does_not_take_what_comes_before_is_refused() -> None:
    wrong = small_weights()
    wrong['MobilenetV1/Conv2d_5_pointwise/weights'] = np.zeros((1, 1, 7, 8), 'f4')
    with pytest.raises(WeightsError, match=r'Conv2d_5_pointwise .*\[1, 1, 7, 8\]'):
        layer_weights(wrong, 75)


def test_a_missing_layer_is_refused_by_name() -> None:
    wrong = small_weights()
    del wrong['MobilenetV1/offset_2/weights']
    with pytest.raises(WeightsError, match='offset_2'):
        layer_weights(wrong, 75)
