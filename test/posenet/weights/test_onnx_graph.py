import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper, TensorProto
from published import small_weights
import pytest

from posenet_ros.framing.framing import Framing
from posenet_ros.framing.whole_image import letterboxed, stretched
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.graph_feed import graph_inputs
from posenet_ros.posenet.heads import CHANNELS
from posenet_ros.posenet.weights.mobilenet_layers import (
    FLOAT_LAYERS,
    layer_steps,
    sort_into_layers,
)
from posenet_ros.posenet.weights.onnx_graph import build_graph

Image = NDArray[np.uint8]


def graph(multiplier: int, output_stride: int, *, precision: str = 'float32') -> onnx.ModelProto:
    layers = sort_into_layers(small_weights(multiplier), multiplier)
    return build_graph(
        layers,
        model='a',
        multiplier=multiplier,
        output_stride=output_stride,
        precision=precision,
    )


def run(model: onnx.ModelProto, image: Image, framing: Framing) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    outputs: list[NDArray[np.float32]] = session.run(None, graph_inputs([image], [framing]))
    return outputs


def sampled(image: Image, framing: Framing) -> NDArray[np.float32]:
    """Return an image as the graph samples it."""
    model = graph(75, 16)
    del model.graph.output[:]
    values = helper.make_tensor_value_info('sampled', TensorProto.FLOAT, ['N', 3, 'h', 'w'])
    model.graph.output.append(values)
    (batch,) = run(model, image, framing)
    return np.asarray(batch[0], np.float32).transpose(1, 2, 0)


def sampled_by_definition(
    image: NDArray[np.uint8], input_size: tuple[int, int]
) -> NDArray[np.float64]:
    """Sample an image by the definition of resizeBilinear in the reference implementation."""
    rows, row_shares = neighbours(input_size[0], image.shape[0])
    columns, column_shares = neighbours(input_size[1], image.shape[1])
    result = np.zeros((*input_size, 3))
    for row, row_share in zip(rows, row_shares, strict=True):
        for column, column_share in zip(columns, column_shares, strict=True):
            shares = row_share[:, None, None] * column_share[None, :, None]
            result += image[row[:, None], column[None, :]] * shares
    return result


def neighbours(out: int, length: int) -> tuple[list[NDArray[np.intp]], list[NDArray[np.float64]]]:
    """Return the two source indices of each output pixel along a side, and their weights."""
    source = np.arange(out) * (length / out)
    before = np.floor(source).astype(np.intp)
    share = source - before
    return [before, np.minimum(before + 1, length - 1)], [1 - share, share]


@pytest.mark.parametrize(
    ('image_size', 'input_size'),
    [((97, 130), (49, 65)), ((200, 100), (17, 33)), ((20, 30), (65, 97)), ((1, 1), (33, 17))],
)
def test_sampling_matches_the_reference_implementation(
    image_size: tuple[int, int], input_size: tuple[int, int]
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*image_size, 3), np.uint8)
    framing = stretched(image_size, input_size)
    np.testing.assert_allclose(
        sampled(image, framing), sampled_by_definition(image, input_size), atol=0.02
    )


@pytest.mark.parametrize(
    ('image_size', 'input_size'),
    [((97, 130), (65, 65)), ((200, 100), (17, 33)), ((20, 31), (97, 65)), ((1, 300), (33, 17))],
)
def test_a_letterboxed_image_is_sampled_as_if_it_was_padded_first(
    image_size: tuple[int, int], input_size: tuple[int, int]
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*image_size, 3), np.uint8)
    framing = letterboxed(image_size, input_size=input_size, output_stride=16)
    top, left = -framing.window.top, -framing.window.left
    assert top or left
    padded = np.pad(image, ((top, top), (left, left), (0, 0)))
    np.testing.assert_allclose(
        sampled(image, framing), sampled_by_definition(padded, framing.input_size), atol=0.02
    )


@pytest.mark.parametrize(('multiplier', 'stride'), [(50, 8), (75, 16), (100, 8), (100, 32)])
def test_every_head_has_its_channels_and_a_cell_at_both_ends_of_each_side(
    multiplier: int, stride: int
) -> None:
    image = np.zeros((50, 60, 3), np.uint8)
    framing = stretched((50, 60), (1 + 2 * stride, 1 + 3 * stride))
    heads = run(graph(multiplier, stride), image, framing)
    assert [head.shape for head in heads] == [
        (1, channels, 3, 4) for channels in CHANNELS.values()
    ]


def test_a_batch_gives_the_same_heads_as_its_images_one_by_one() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 40, 50, 3), np.uint8)
    session = onnxruntime.InferenceSession(graph(75, 16).SerializeToString())
    framing = stretched((40, 50), (33, 49))
    together = session.run(None, graph_inputs(list(images), [framing] * 2))
    for number, image in enumerate(images):
        alone = session.run(None, graph_inputs([image], [framing]))
        for one, both in zip(alone, together, strict=True):
            np.testing.assert_allclose(one[0], both[number], atol=1e-5)


def test_layers_have_the_strides_and_dilations_of_layer_steps() -> None:
    convolutions = [node for node in graph(100, 8).graph.node if node.op_type == 'Conv']
    spatial = [node for node in convolutions if 'pointwise' not in node.name][:14]
    for node, step in zip(spatial, layer_steps(100, 8), strict=True):
        attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        assert attributes['strides'] == [step.stride] * 2
        assert attributes['dilations'] == [step.dilation] * 2
        assert attributes['pads'] == [step.dilation] * 4


def test_a_float16_graph_has_the_inputs_and_outputs_of_the_float32_one() -> None:
    half, full = (graph(75, 16, precision=precision).graph for precision in ('float16', 'float32'))
    assert half.input == full.input
    assert half.output == full.output


def test_a_float16_graph_keeps_the_first_layers_and_the_heads_in_float32() -> None:
    kinds = {
        one.name: one.data_type for one in graph(75, 16, precision='float16').graph.initializer
    }
    layers = {name: kind for name, kind in kinds.items() if name.startswith('Conv2d')}
    heads = {name: kind for name, kind in kinds.items() if '_2/' in name and name not in layers}
    assert len(layers) == 2 * 27
    full = {name for name, kind in layers.items() if kind == TensorProto.FLOAT}
    assert {name.partition('/')[0] for name in full} == set(FLOAT_LAYERS)
    halves = {kind for name, kind in layers.items() if name not in full}
    assert halves == {TensorProto.FLOAT16}
    assert len(heads) == 2 * 4
    assert set(heads.values()) == {TensorProto.FLOAT}
