"""
The multiply-adds and the memory traffic of each node of PoseNet's graph, by arithmetic.

A node reads its inputs and its constants, and writes its output. If everything but convolutions is
fused into them, only those access the memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import math

from gpu_checks.speed.onnx_graphs import FLOAT16, FLOAT32, Node, OnnxGraph, Tensor, UINT8
import numpy as np

from posenet_ros.posenet.graph_feed import NEIGHBOURS

_BYTES = {FLOAT32: 4, UINT8: 1, FLOAT16: 2}
_ELEMENTWISE = ('Add', 'Sub', 'Mul', 'Div', 'Clip', 'Sigmoid', 'Cast')


@dataclass(frozen=True)
class Cost:
    """What a node costs."""

    operator: str
    #: Of the result: FLOAT32 or FLOAT16.
    element_type: int
    multiply_adds: int
    #: Bytes of the constants; the others are those of the data.
    weights: int
    read: int
    written: int

    @property
    def traffic(self) -> int:
        """Return the number of bytes that are read and written."""
        return self.weights + self.read + self.written


def graph_costs(graph: OnnxGraph, *, images: int, height: int, width: int) -> list[Cost]:
    """
    Return the cost of each node for images and a network input of height x width.

    Raises ValueError for an operator that PoseNet's graph does not have.
    """
    tensors: dict[str, Tensor] = {
        **graph.constants,
        **{name: Tensor(UINT8, (images, height, width, 3)) for name in NEIGHBOURS},
        'row_fractions': Tensor(FLOAT32, (images, height, 1, 1)),
        'column_fractions': Tensor(FLOAT32, (images, 1, width, 3)),
    }
    costs = []
    for node in graph.nodes:
        result = _result(node, tensors)
        tensors[node.outputs[0]] = result
        weights = [tensors[name] for name in node.inputs if name in graph.constants]
        data = [tensors[name] for name in node.inputs if name not in graph.constants]
        costs.append(
            Cost(
                node.operator,
                result.element_type,
                _multiply_adds(node, tensors, result),
                weights=sum(map(_size, weights)),
                read=sum(map(_size, data)),
                written=_size(result),
            )
        )
    return costs


def fused_costs(costs: list[Cost], inputs: int) -> list[Cost]:
    """
    Return the costs of the convolutions alone, the first of which reads the graph's inputs.

    `inputs` is the number of bytes of the graph's inputs.
    """
    first, *others = (cost for cost in costs if cost.operator == 'Conv')
    fused = Cost(
        first.operator,
        first.element_type,
        first.multiply_adds,
        weights=first.weights,
        read=inputs,
        written=first.written,
    )
    return [fused, *others]


def _result(node: Node, tensors: Mapping[str, Tensor]) -> Tensor:
    """Return the type and the shape of a node's result."""
    given = [tensors[name] for name in node.inputs]
    if node.operator == 'Conv':
        return Tensor(given[0].element_type, _convolved(node, given[0].shape, given[1].shape))
    if node.operator == 'Transpose':
        shape = tuple(given[0].shape[axis] for axis in node.attributes['perm'])
        return Tensor(given[0].element_type, shape)
    if node.operator not in _ELEMENTWISE:
        raise ValueError(f'the cost of {node.operator} is not known')
    kind = node.attributes['to'][0] if node.operator == 'Cast' else given[0].element_type
    return Tensor(kind, np.broadcast_shapes(*(one.shape for one in given)))


def _convolved(node: Node, data: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[int, ...]:
    strides, dilations, pads = (node.attributes[key] for key in ('strides', 'dilations', 'pads'))
    sides = [
        (
            data[2 + axis]
            + pads[axis]
            + pads[2 + axis]
            - dilations[axis] * (kernel[2 + axis] - 1)
            - 1
        )
        // strides[axis]
        + 1
        for axis in (0, 1)
    ]
    return (data[0], kernel[0], *sides)


def _multiply_adds(node: Node, tensors: Mapping[str, Tensor], result: Tensor) -> int:
    """Return the multiply-adds of a convolution; others count as none."""
    if node.operator != 'Conv':
        return 0
    _, *per_value = tensors[node.inputs[1]].shape  # input channels of the group, height, width
    return math.prod(result.shape) * math.prod(per_value)


def _size(tensor: Tensor) -> int:
    return math.prod(tensor.shape) * _BYTES[tensor.element_type]
