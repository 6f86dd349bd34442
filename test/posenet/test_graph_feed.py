from pathlib import Path

import numpy as np
import pytest

from posenet_ros.errors import ModelLoadError
from posenet_ros.framing.framing import Framing, Size, Window
from posenet_ros.framing.sampling import sample_images
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.graph import ALIGNMENT, GraphFile
from posenet_ros.posenet.graph_feed import first_feed, graph_inputs, make_feed
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT

GRAPH = GraphFile(Path('m/stride16.onnx'), 'm-stride16', 'download it again')
METADATA = {'graph_format': str(GRAPH_FORMAT), 'output_stride': '16', 'model': 'mobilenet_v1_075'}


def test_the_inputs_are_the_samples_of_the_images() -> None:
    images = list(np.random.default_rng(0).integers(0, 256, (2, 40, 60, 3), np.uint8))
    framings = [
        stretched((40, 60), (33, 65)),
        Framing((40, 60), (33, 65), Window(-10, 0, 60, 60)),
    ]
    inputs = graph_inputs(images, framings)
    samples = sample_images(images, framings)
    names = ('top_left', 'top_right', 'bottom_left', 'bottom_right')
    for name, neighbours in zip(names, samples.neighbours, strict=True):
        np.testing.assert_array_equal(inputs.pop(name), neighbours)
    np.testing.assert_array_equal(inputs.pop('row_fractions'), samples.row_fractions)
    np.testing.assert_array_equal(inputs.pop('column_fractions'), samples.column_fractions)
    assert inputs == {}


@pytest.mark.parametrize('count', [1, 2, 3])
@pytest.mark.parametrize('input_size', [(1, 1), (33, 65), (257, 257)])
def test_all_inputs_share_memory_so_that_one_copy_moves_them_to_a_gpu(
    count: int, input_size: Size
) -> None:
    framings = [stretched((40, 60), input_size)] * count
    feed = make_feed([np.zeros((40, 60, 3), np.uint8)] * count, framings, 16)
    assert feed.layout is not None
    assert len(set(feed.layout.offsets)) == 6
    assert feed.layout.size < feed.input_bytes + 6 * ALIGNMENT


def test_every_head_has_a_cell_at_every_stride_and_both_ends() -> None:
    images = [np.zeros((40, 60, 3), np.uint8)] * 2
    shapes = make_feed(images, [stretched((40, 60), (33, 65))] * 2, 16).output_shapes
    assert list(shapes.items()) == [
        ('heatmap_scores', (2, 17, 3, 5)),
        ('offsets', (2, 34, 3, 5)),
        ('displacements_fwd', (2, 32, 3, 5)),
        ('displacements_bwd', (2, 32, 3, 5)),
    ]


@pytest.mark.parametrize('image_size', [(40, 60), (1080, 1920)])
def test_the_shapes_of_a_feed_do_not_depend_on_the_image_size(image_size: Size) -> None:
    feed = make_feed([np.zeros((*image_size, 3), np.uint8)], [stretched(image_size, (33, 65))], 16)
    assert feed.shapes == first_feed(GRAPH, (33, 65), METADATA).shapes


def test_the_first_image_is_blank_and_has_the_expected_input_size() -> None:
    feed = first_feed(GRAPH, (33, 65), METADATA)
    assert feed.inputs['top_left'].shape == (1, 33, 65, 3)
    assert not feed.inputs['top_left'].any()
    assert feed.output_shapes['offsets'] == (1, 34, 3, 5)


@pytest.mark.parametrize('metadata', [{}, {**METADATA, 'graph_format': str(GRAPH_FORMAT - 1)}])
def test_a_graph_of_another_release_is_refused_with_the_remedy(metadata: dict[str, str]) -> None:
    with pytest.raises(ModelLoadError, match=r'm/stride16\.onnx is not a graph .*\ndownload it'):
        first_feed(GRAPH, (33, 65), metadata)


@pytest.mark.parametrize(
    ('key', 'value'),
    [
        ('output_stride', None),
        ('output_stride', ''),
        ('output_stride', 'wide'),
        ('output_stride', '0'),
        ('output_stride', '32'),
        ('output_stride', '9' * 5000),
        ('model', None),
        ('model', 'resnet'),
    ],
)
def test_a_graph_without_a_valid_model_and_output_stride_is_refused_with_the_remedy(
    key: str, value: str | None
) -> None:
    metadata = {**METADATA, key: value}
    given = {name: text for name, text in metadata.items() if text is not None}
    with pytest.raises(ModelLoadError, match=r'm/stride16\.onnx cannot .*\ndownload it again'):
        first_feed(GRAPH, (33, 65), given)
