"""
Runs of a session: with arrays on the CPU, with bound buffers on a GPU.

Buffers are allocated on the device once for each shape of the inputs. Only the inputs are copied
to the device, and only the outputs are copied back.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from posenet_ros.inference.graph import Feed
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.sessions import Session

#: ONNX Runtime's name for the memory of an NVIDIA GPU.
GPU_MEMORY = 'cuda'

# Maximum number of shapes with buffers, enough for a few input sizes and batch sizes. It is also
# the maximum number of recorded shapes, because ONNX Runtime never frees a recorded run.
_MAX_SHAPES = 8

# A run is large if its inputs have more bytes. It takes 10 to 22 times as much memory (measured
# with MobileNet, all output strides). The inputs for a 1920x1080 image at half its size have 6 MB.
_LARGE = 8_000_000

Outputs = list[NDArray[np.float32]]


class GraphRun(Protocol):
    """Runs a graph."""

    def __call__(self, feed: Feed, options: Any) -> Outputs:
        """Return the outputs in the order of `feed.output_shapes`, as arrays that stay valid."""


class PlainRun:
    """
    Passes arrays to the session and returns its output arrays.

    ONNX Runtime keeps the memory of the largest run for later runs. If the shapes change, and the
    run before or after the change is large, ONNX Runtime is told to free what the run does not
    need. So one large image among small ones leaves nothing behind, and large images of one size
    do not allocate their memory again and again.
    """

    def __init__(self, session: Session) -> None:
        """Run this session."""
        self._session = session
        self._shapes: object = None
        self._was_large = False

    def __call__(self, feed: Feed, options: Any) -> Outputs:
        """Return the outputs; raises what ONNX Runtime raises."""
        is_large = feed.input_bytes > _LARGE
        if feed.shapes != self._shapes and (is_large or self._was_large):
            options.add_run_config_entry('memory.enable_memory_arena_shrinkage', 'cpu:0')
        self._shapes, self._was_large = feed.shapes, is_large
        outputs: Outputs = self._session.run(list(feed.output_shapes), dict(feed.inputs), options)
        return outputs


@dataclass(frozen=True)
class _Buffers:
    """The buffers for one shape of the inputs, bound to the session."""

    binding: Any
    #: By name.
    inputs: Mapping[str, Any]
    outputs: list[Any]
    #: The number under which ONNX Runtime records the run; -1 if it does not record it.
    recording: int


class BoundRun:
    """Runs with buffers on a device, which are allocated once for each shape of the inputs."""

    def __init__(
        self, session: Session, *, device: str, device_id: int, replays: bool = False
    ) -> None:
        """Run this session on a device; with `replays`, record one run for each shape."""
        self._session = session
        self._device = (device, device_id)
        self._replays = replays
        self._recorded = 0
        self._buffers: OrderedDict[tuple[Any, ...], _Buffers] = OrderedDict()

    def __call__(self, feed: Feed, options: Any) -> Outputs:
        """Return the outputs; raises what ONNX Runtime raises."""
        buffers = self._buffers_for(feed)
        if self._replays:
            options.add_run_config_entry('gpu_graph_id', str(buffers.recording))
        for name, buffer in buffers.inputs.items():
            buffer.update_inplace(np.ascontiguousarray(feed.inputs[name]))
        self._session.run_with_iobinding(buffers.binding, options)
        buffers.binding.synchronize_outputs()
        return [_owned(output.numpy()) for output in buffers.outputs]

    def _buffers_for(self, feed: Feed) -> _Buffers:
        key = feed.shapes
        if key not in self._buffers:
            self._buffers[key] = self._allocate(feed)
        self._buffers.move_to_end(key)
        # A recorded run refers to the addresses of its buffers, so those are never dropped.
        unrecorded = [one for one, held in self._buffers.items() if held.recording < 1]
        if len(unrecorded) > _MAX_SHAPES:
            del self._buffers[unrecorded[0]]
        return self._buffers[key]

    def _allocate(self, feed: Feed) -> _Buffers:
        binding = self._session.io_binding()
        inputs: dict[str, Any] = {}
        for name, value in feed.inputs.items():
            inputs[name] = self._on_device(value.shape, value.dtype.type)
            binding.bind_ortvalue_input(name, inputs[name])
        outputs = []
        for name, shape in feed.output_shapes.items():
            outputs.append(self._on_device(shape, np.float32))
            binding.bind_ortvalue_output(name, outputs[-1])
        return _Buffers(binding, inputs, outputs, self._next_recording())

    def _next_recording(self) -> int:
        if not self._replays or self._recorded == _MAX_SHAPES:
            return -1
        self._recorded += 1  # ONNX Runtime uses the number 0 itself
        return self._recorded

    def _on_device(self, shape: tuple[int, ...], kind: type) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, kind, *self._device)


def _owned(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an array that the next run does not overwrite."""
    # ONNX Runtime copies outputs from a GPU. Newer releases do not copy outputs in host memory.
    return values if values.flags.owndata else values.copy()
