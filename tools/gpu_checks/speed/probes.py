"""
Small graphs that measure a device through ONNX Runtime: arithmetic, kernels, and sampling.

They run in the same way as PoseNet's graph: on the same stream, with bound buffers, and recorded
as CUDA graphs.
"""

from collections.abc import Mapping
from pathlib import Path
import tempfile
from typing import Any

from gpu_checks.gpu.stream import Stream
from gpu_checks.plan import Plan
from gpu_checks.speed.onnx_graphs import FLOAT16, FLOAT32, INT64, Node, Tensor, UINT8, write_model
import numpy as np
from numpy.typing import NDArray

from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.sessions import (
    load_packaged_libraries,
    new_session,
    Providers,
    run_options,
)
from posenet_ros.posenet.graph_feed import NEIGHBOURS

_KINDS: dict[int, type] = {
    FLOAT32: np.float32,
    FLOAT16: np.float16,
    INT64: np.int64,
    UINT8: np.uint8,
}


class Probe:
    """A small graph with buffers on the device."""

    def __init__(
        self,
        plan: Plan,
        stream: Stream,
        nodes: list[Node],
        inputs: Mapping[str, Tensor],
        outputs: Mapping[str, Tensor],
        *,
        tf32: bool = False,
    ) -> None:
        """Create a session for a graph, on the stream, and buffers for all its tensors."""
        providers = _providers(plan, stream, tf32=tf32)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / 'probe.onnx'
            file.write_bytes(write_model(nodes, inputs, outputs))
            self._session = new_session(file, providers, 0)
        used = self._session.get_providers()[0]
        if used != providers[0][0]:
            raise RuntimeError(f'{used} runs a probe, expected {providers[0][0]}')
        self._stream = stream
        self._binding = self._session.io_binding()
        self.inputs = {name: self._allocate(one) for name, one in inputs.items()}
        self.outputs = {name: self._allocate(one) for name, one in outputs.items()}
        for name, value in self.inputs.items():
            self._binding.bind_ortvalue_input(name, value)
        for name, value in self.outputs.items():
            self._binding.bind_ortvalue_output(name, value)

    def upload(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Copy inputs to the device."""
        for name, array in arrays.items():
            self.inputs[name].update_inplace(array)

    def run(self, *, wait: bool = True) -> None:
        """Run the graph; without `wait`, only enqueue it."""
        options = run_options()
        if not wait:
            options.add_run_config_entry('disable_synchronize_execution_providers', '1')
        self._session.run_with_iobinding(self._binding, options)

    def time(self) -> float:
        """Return the milliseconds of a run on the device."""
        return self._stream.measure(lambda: self.run(wait=False))

    def _allocate(self, tensor: Tensor) -> Any:
        kind = _KINDS[tensor.element_type]
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            tensor.shape, kind, *self._stream.device
        )


def _providers(plan: Plan, stream: Stream, *, tf32: bool) -> Providers:
    load_packaged_libraries()
    cpu: tuple[str, dict[str, str]] = ('CPUExecutionProvider', {})
    if plan.is_rehearsal:
        return [cpu]
    options = {
        'device_id': str(plan.device_id),
        'use_tf32': str(int(tf32)),
        'enable_cuda_graph': '1',
        'user_compute_stream': str(stream.address),
    }
    return [('CUDAExecutionProvider', options), cpu]


def matrix_product(plan: Plan, stream: Stream, side: int, *, precision: str) -> Probe:
    """Return the product of two square matrices of random numbers."""
    kind = FLOAT16 if precision == 'float16' else FLOAT32
    square = Tensor(kind, (side, side))
    probe = Probe(
        plan,
        stream,
        [Node('MatMul', ('a', 'b'), ('product',), {})],
        {'a': square, 'b': square},
        {'product': square},
        tf32=precision == 'tf32',
    )
    random = np.random.default_rng(0).standard_normal((side, side), np.float32)
    probe.upload(dict.fromkeys(('a', 'b'), random.astype(_KINDS[kind])))
    return probe


def chain(plan: Plan, stream: Stream, length: int) -> Probe:
    """Return a chain of nodes that each take almost no time, so that starting them takes it."""
    names = [f'value{number}' for number in range(length + 1)]
    tensor = Tensor(FLOAT32, (1,))
    probe = Probe(
        plan,
        stream,
        [Node('Sin', (names[i],), (names[i + 1],), {}) for i in range(length)],
        {names[0]: tensor},
        {names[-1]: tensor},
    )
    probe.upload({names[0]: np.ones(1, np.float32)})
    return probe


def sampling(
    plan: Plan, stream: Stream, image_size: tuple[int, int], input_size: tuple[int, int]
) -> Probe:
    """
    Return a graph that picks the neighbours of all samples from an image on the device.

    Its inputs are the image, uint8 RGB [height, width, 3], and the rows and columns of neighbours.
    """
    (height, width), (rows, columns) = image_size, input_size
    nodes, results = [], {}
    for name in NEIGHBOURS:
        vertical, horizontal = name.split('_')
        nodes += [
            Node('Gather', ('image', vertical), (f'{name}_rows',), {'axis': (0,)}),
            Node('Gather', (f'{name}_rows', horizontal), (name,), {'axis': (1,)}),
        ]
        results[name] = Tensor(UINT8, (rows, columns, 3))
    places = {
        **dict.fromkeys(('top', 'bottom'), Tensor(INT64, (rows,))),
        **dict.fromkeys(('left', 'right'), Tensor(INT64, (columns,))),
    }
    image = Tensor(UINT8, (height, width, 3))
    probe = Probe(plan, stream, nodes, {'image': image, **places}, results)
    top, left = (_places(*pair) for pair in ((height, rows), (width, columns)))
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    probe.upload({'top': top, 'bottom': bottom, 'left': left, 'right': right})
    return probe


def _places(length: int, samples: int) -> NDArray[np.int64]:
    return (np.arange(samples) * (length / samples)).astype(np.int64)
