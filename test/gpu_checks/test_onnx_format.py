"""ONNX files that are read and written without the package onnx, compared with it."""

from pathlib import Path

from gpu_checks.onnx_format import FLOAT32, INT64, Node, read_graph, Tensor, UINT8, write_model
import numpy as np
import onnx
from onnx import helper, numpy_helper, TensorProto
import pytest

from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.posenet.network import PoseNet


def test_nodes_and_constants_are_those_that_onnx_reads(network_075: PoseNet) -> None:
    content = network_075.graph.read_bytes()
    graph, expected = read_graph(content), onnx.load_from_string(content).graph
    assert len(graph.nodes) == len(expected.node)
    for node, other in zip(graph.nodes, expected.node, strict=True):
        assert (node.operator, list(node.inputs)) == (other.op_type, list(other.input))
        assert list(node.outputs) == list(other.output)
        for attribute in other.attribute:
            value = helper.get_attribute_value(attribute)
            assert list(node.attributes[attribute.name]) == list(np.atleast_1d(value))
    assert graph.constants == {
        one.name: Tensor(one.data_type, tuple(one.dims)) for one in expected.initializer
    }


def test_attributes_that_are_no_integers_are_skipped() -> None:
    scale = numpy_helper.from_array(np.ones((2, 3), np.float32), 'scale')
    node = helper.make_node('Elu', ['a'], ['b'], alpha=0.5, kind='text', axes=[1, 300])
    graph = read_graph(
        helper.make_model(
            helper.make_graph([node], 'graph', [], [], initializer=[scale])
        ).SerializeToString()
    )
    assert graph.nodes[0].attributes['axes'] == (1, 300)
    assert graph.constants == {'scale': Tensor(TensorProto.FLOAT, (2, 3))}


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


def test_a_file_that_is_no_model_is_refused() -> None:
    with pytest.raises((ValueError, IndexError)):
        read_graph(b'\x08\x08')
