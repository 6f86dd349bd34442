from pathlib import Path

import numpy as np
import pytest

from posenet_ros.errors import ModelLoadError
from posenet_ros.framing.framing import Framing
from posenet_ros.inference.graph import GraphFile
from posenet_ros.posenet.graph_feed import first_feed, graph_inputs, make_feed
from posenet_ros.posenet.weights.graph_files import GRAPH_FORMAT

GRAPH = GraphFile(Path('m/stride16.onnx'), 'm-stride16', 'download it again')
METADATA = {'graph_format': str(GRAPH_FORMAT), 'output_stride': '16', 'model': 'mobilenet_v1_075'}


def test_the_inputs_are_the_bytes_of_the_images_and_the_sizes_of_the_framing() -> None:
    images = np.zeros((2, 40, 60, 3), np.uint8)
    inputs = graph_inputs(images, Framing((40, 60), (33, 65), padding=(10, 0)))
    assert inputs.pop('image') is images
    assert {name: value.tolist() for name, value in inputs.items()} == {
        'unpadded_size': [40, 65],
        'padding': [0, 0, 10, 0, 0, 0, 10, 0],
        'input_size': [33, 65],
    }
    assert {value.dtype for value in inputs.values()} == {np.dtype(np.int64)}


def test_every_head_has_a_cell_at_every_stride_and_both_ends() -> None:
    images = np.zeros((2, 40, 60, 3), np.uint8)
    shapes = make_feed(images, Framing((40, 60), (33, 65)), 16).output_shapes
    assert list(shapes.items()) == [
        ('heatmap_scores', (2, 17, 3, 5)),
        ('offsets', (2, 34, 3, 5)),
        ('displacements_fwd', (2, 32, 3, 5)),
        ('displacements_bwd', (2, 32, 3, 5)),
    ]


def test_the_first_image_is_blank_and_framed_as_expected() -> None:
    framing = Framing((60, 80), (33, 65), padding=(10, 0))
    feed = first_feed(GRAPH, framing, METADATA)
    assert feed.inputs['image'].shape == (1, 60, 80, 3)
    assert not feed.inputs['image'].any()
    assert feed.inputs['input_size'].tolist() == [33, 65]
    assert feed.output_shapes['offsets'] == (1, 34, 3, 5)


@pytest.mark.parametrize('metadata', [{}, {**METADATA, 'graph_format': str(GRAPH_FORMAT - 1)}])
def test_a_graph_of_another_release_is_refused_with_the_remedy(metadata: dict[str, str]) -> None:
    with pytest.raises(ModelLoadError, match=r'm/stride16\.onnx is not a graph .*\ndownload it'):
        first_feed(GRAPH, Framing((60, 80), (33, 65)), metadata)


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
        first_feed(GRAPH, Framing((60, 80), (33, 65)), given)
