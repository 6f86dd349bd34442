"""
ONNX files, read and written without the package onnx, which a machine with a GPU may lack.

Only what the GPU check needs: nodes with integer attributes, and types and shapes of tensors. The
format is protobuf's; the numbers of the fields are those of onnx.proto.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

#: Element types, as onnx.TensorProto numbers them.
FLOAT32, UINT8, INT64, FLOAT16 = 1, 2, 7, 10

_IR_VERSION = 8
_OPSET = 18

# Wire types of protobuf.
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Types of attributes.
_INT, _INTS = 2, 7


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
    """The type and the shape of a tensor."""

    element_type: int
    shape: tuple[int, ...]


@dataclass(frozen=True)
class OnnxGraph:
    """The nodes of a graph in order, and its constants by name."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]


def read_graph(model: bytes) -> OnnxGraph:
    """Return the graph in an ONNX file. Raises ValueError or IndexError if it is not one."""
    (graph,) = (value for number, value in _fields(model) if number == 7)
    nodes, constants = [], {}
    for number, value in _fields(_as_bytes(graph)):
        if number == 1:
            nodes.append(_read_node(_as_bytes(value)))
        elif number == 5:
            name, tensor = _read_tensor(_as_bytes(value))
            constants[name] = tensor
    return OnnxGraph(tuple(nodes), constants)


def write_model(
    nodes: Sequence[Node], inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]
) -> bytes:
    """Return an ONNX file of a graph without constants."""
    graph = b''.join(
        [
            *(_bytes(1, _write_node(node)) for node in nodes),
            _bytes(2, b'check'),
            *(_bytes(11, _write_tensor(*one)) for one in inputs.items()),
            *(_bytes(12, _write_tensor(*one)) for one in outputs.items()),
        ]
    )
    return _integer(1, _IR_VERSION) + _bytes(7, graph) + _bytes(8, _integer(2, _OPSET))


def _read_node(data: bytes) -> Node:
    texts: dict[int, list[str]] = {1: [], 2: [], 4: []}
    attributes: dict[str, tuple[int, ...]] = {}
    for number, value in _fields(data):
        if number in texts:
            texts[number].append(_as_bytes(value).decode())
        elif number == 5:
            attributes.update(_read_attribute(_as_bytes(value)))
    return Node(texts[4][0], tuple(texts[1]), tuple(texts[2]), attributes)


def _read_attribute(data: bytes) -> dict[str, tuple[int, ...]]:
    name, integers = '', []
    for number, value in _fields(data):
        if number == 1:
            name = _as_bytes(value).decode()
        elif number in (3, 8):
            integers += _integers(value)
    return {name: tuple(integers)}


def _read_tensor(data: bytes) -> tuple[str, Tensor]:
    name, shape, element_type = '', [], 0
    for number, value in _fields(data):
        if number == 1:
            shape += _integers(value)
        elif number == 2:
            (element_type,) = _integers(value)
        elif number == 8:
            name = _as_bytes(value).decode()
    return name, Tensor(element_type, tuple(shape))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Return the number and the value of each field of a message."""
    place = 0
    while place < len(data):
        key, place = _read_varint(data, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _read_varint(data, place)
            yield number, value
            continue
        sizes = {_FIXED64: 8, _FIXED32: 4}
        size, place = (sizes[kind], place) if kind in sizes else _read_varint(data, place)
        yield number, data[place:][:size]
        place += size


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _integers(value: int | bytes) -> list[int]:
    """Return the integers of a field, which may be packed."""
    if isinstance(value, int):
        return [value]
    integers, place = [], 0
    while place < len(value):
        one, place = _read_varint(value, place)
        integers.append(one)
    return integers


def _as_bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError(f'expected bytes, got the integer {value}')
    return value


def _write_node(node: Node) -> bytes:
    return b''.join(
        [
            *(_bytes(1, name.encode()) for name in node.inputs),
            *(_bytes(2, name.encode()) for name in node.outputs),
            _bytes(4, node.operator.encode()),
            *(_bytes(5, _write_attribute(*one)) for one in node.attributes.items()),
        ]
    )


def _write_attribute(name: str, integers: tuple[int, ...]) -> bytes:
    field, kind = (3, _INT) if len(integers) == 1 else (8, _INTS)
    values = b''.join(_integer(field, one) for one in integers)
    return _bytes(1, name.encode()) + values + _integer(20, kind)


def _write_tensor(name: str, tensor: Tensor) -> bytes:
    dimensions = b''.join(_bytes(1, _integer(1, length)) for length in tensor.shape)
    kind = _integer(1, tensor.element_type) + _bytes(2, dimensions)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, kind))


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(value)) + value


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
