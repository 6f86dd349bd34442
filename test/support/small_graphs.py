"""A small graph that is not PoseNet, for tests of code that runs any graph."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
import onnx
from onnx import helper, TensorProto

from posenet_ros.inference.graph import Feed, GraphFile


def save_graph(folder: Path, *, metadata: dict[str, str] | None = None) -> GraphFile:
    """
    Write a graph that adds its `column`, float32 [N, 1], and its `row`, float32 [1, columns].

    Its outputs are `doubled` and `negated`, the sum times 2 and -1.
    """
    float32 = TensorProto.FLOAT
    nodes = [
        helper.make_node('Add', ['column', 'row'], ['sum']),
        helper.make_node('Add', ['sum', 'sum'], ['doubled']),
        helper.make_node('Neg', ['sum'], ['negated']),
    ]
    inputs = [
        helper.make_tensor_value_info('column', float32, ['N', 1]),
        helper.make_tensor_value_info('row', float32, [1, 'columns']),
    ]
    outputs = [
        helper.make_tensor_value_info(name, float32, ['N', 'columns'])
        for name in ('negated', 'doubled')
    ]
    graph = helper.make_graph(nodes, 'small', inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    helper.set_model_props(model, metadata or {'kind': 'small'})
    path = folder / 'small.onnx'
    onnx.save(model, path)
    return GraphFile(path, name='small', remedy='make it again')


def small_feed(values: list[float], columns: int) -> Feed:
    """Return a feed that requests `doubled` first; it adds zeros in `columns` columns."""
    shape = (len(values), columns)
    return Feed(
        inputs={'column': column(values), 'row': np.zeros((1, columns), np.float32)},
        output_shapes={'doubled': shape, 'negated': shape},
    )


def column(values: list[float]) -> NDArray[np.float32]:
    """Return values as float32 [N, 1]."""
    return np.array(values, np.float32)[:, None]
