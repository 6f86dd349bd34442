"""ONNX graphs as the GPU check needs them: operators, integer attributes, types and shapes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import onnx
from onnx import helper, TensorProto

FLOAT32, UINT8, INT64, FLOAT16 = (
    int(kind)
    for kind in (TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT64, TensorProto.FLOAT16)
)

# Versions that every supported release of ONNX Runtime reads.
_IR_VERSION, _OPSET = 8, 18


@dataclass(frozen=True)
class Node:
    """A node of a graph."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    #: Integers only; a single one is a tuple of one.
    attributes: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Tensor:
    """The type, as onnx.TensorProto numbers it, and the shape of a tensor."""

    element_type: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class OnnxGraph:
    """The nodes of a graph in order, and its constants by name."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]


def read_graph(model: bytes) -> OnnxGraph:
    """Return the graph in an ONNX file; raises what onnx raises if it is not one."""
    graph = onnx.load_from_string(model).graph
    return OnnxGraph(
        nodes=tuple(
            Node(one.op_type, tuple(one.input), tuple(one.output), dict(_integers(one)))
            for one in graph.node
        ),
        constants={one.name: Tensor(one.data_type, tuple(one.dims)) for one in graph.initializer},
    )


def _integers(node: onnx.NodeProto) -> Iterator[tuple[str, tuple[int, ...]]]:
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.INT:
            yield attribute.name, (attribute.i,)
        elif attribute.type == onnx.AttributeProto.INTS:
            yield attribute.name, tuple(attribute.ints)


def write_model(
    nodes: Sequence[Node], inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]
) -> bytes:
    """Return an ONNX file of a graph without constants."""
    made = [_make_node(one) for one in nodes]
    graph = helper.make_graph(made, 'check', _values(inputs), _values(outputs))
    opset = helper.make_opsetid('', _OPSET)
    model = helper.make_model(graph, ir_version=_IR_VERSION, opset_imports=[opset])
    content: bytes = model.SerializeToString()
    return content


def _make_node(node: Node) -> onnx.NodeProto:
    made = helper.make_node(node.operator, node.inputs, node.outputs)
    for name, values in node.attributes.items():
        value = list(values) if len(values) > 1 else values[0]
        made.attribute.append(helper.make_attribute(name, value))
    return made


def _values(tensors: Mapping[str, Tensor]) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, one.element_type, one.shape)
        for name, one in tensors.items()
    ]
