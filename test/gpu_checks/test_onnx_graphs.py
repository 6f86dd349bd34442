"""The graphs that the GPU check reads and writes."""

from pathlib import Path

from gpu_checks.speed.onnx_graphs import (
    FLOAT32,
    INT64,
    Node,
    read_graph,
    Tensor,
    UINT8,
    write_model,
)
import numpy as np
import onnx
from onnx import helper, numpy_helper

from posenet_ros.inference.onnx_runtime import onnxruntime


def test_the_integer_attributes_of_nodes_and_the_shapes_of_constants_are_read() -> None:
    scale = numpy_helper.from_array(np.ones((2, 3), np.float32), 'scale')
    node = helper.make_node('Elu', ['a'], ['b'], alpha=0.5, kind='text', axes=[1, 300], axis=2)
    made = helper.make_graph([node], 'graph', [], [], initializer=[scale])
    graph = read_graph(helper.make_model(made).SerializeToString())
    assert graph.nodes == (Node('Elu', ('a',), ('b',), {'axes': (1, 300), 'axis': (2,)}),)
    assert graph.constants == {'scale': Tensor(FLOAT32, (2, 3))}


def test_a_model_that_was_written_is_valid_and_runs(tmp_path: Path) -> None:
    model = write_model(
        [Node('Gather', ('image', 'rows'), ('picked',), {'axis': (0,)})],
        {'image': Tensor(UINT8, (300, 2, 3)), 'rows': Tensor(INT64, (2,))},
        {'picked': Tensor(UINT8, (2, 2, 3))},
    )
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    session = onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])
    image = np.arange(300 * 6).astype(np.uint8).reshape(300, 2, 3)
    (picked,) = session.run(None, {'image': image, 'rows': np.array([299, 1])})
    np.testing.assert_array_equal(picked, image[[299, 1]])


def test_a_model_that_was_written_can_be_read() -> None:
    nodes = [Node('Transpose', ('a',), ('b',), {'perm': (1, 0)})]
    square = {name: Tensor(FLOAT32, (2, 2)) for name in ('a', 'b')}
    written = write_model(nodes, {'a': square['a']}, {'b': square['b']})
    assert list(read_graph(written).nodes) == nodes
