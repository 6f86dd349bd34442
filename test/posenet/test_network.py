from pathlib import Path

import numpy as np
import onnx
from onnx import helper, TensorProto
import pytest

from posenet_ros.errors import ModelLoadError, NetworkError
from posenet_ros.posenet.network import Network


@pytest.mark.parametrize(('height', 'width'), [(257, 257), (33, 65), (1, 1)])
def test_the_grid_has_a_cell_at_every_stride_and_both_ends(
    network_075: Network, height: int, width: int
) -> None:
    (heads,) = network_075.run(np.zeros((1, 100, 200, 3), np.uint8), (height, width))
    assert heads.grid == ((height - 1) // 16 + 1, (width - 1) // 16 + 1)


def test_heatmap_scores_are_probabilities(network_075: Network) -> None:
    image = np.random.default_rng(0).integers(0, 256, (1, 300, 200, 3), np.uint8)
    scores = network_075.run(image, (257, 257))[0].heatmap_scores
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_the_graph_names_its_model_and_stride(network_075: Network) -> None:
    assert (network_075.model, network_075.output_stride) == ('mobilenet_v1_075', 16)


def test_a_side_that_is_not_valid_is_refused(network_075: Network) -> None:
    with pytest.raises(NetworkError, match='256'):
        network_075.run(np.zeros((1, 256, 257, 3), np.uint8), (256, 257))


@pytest.mark.parametrize('content', [b'', b'not a graph'])
def test_a_file_that_is_no_graph_is_refused_with_the_remedy(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / 'mobilenet_v1_075' / 'stride16.onnx'
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ModelLoadError, match=rf'{path}.*(?s:.)*posenet download mobilenet_v1_075'):
        Network(path)


def test_a_graph_of_somebody_else_is_refused(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info('x', TensorProto.FLOAT, [1])
    other = helper.make_tensor_value_info('y', TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node('Abs', ['x'], ['y'])], 'g', [value], [other])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    onnx.save(model, tmp_path / 'graph.onnx')
    with pytest.raises(ModelLoadError, match='not a graph of this release'):
        Network(tmp_path / 'graph.onnx')


def test_an_interrupt_counts_only_for_the_run_under_way(network_075: Network) -> None:
    network_075.interrupt()
    network_075.run(np.zeros((1, 33, 33, 3), np.uint8), (33, 33))
