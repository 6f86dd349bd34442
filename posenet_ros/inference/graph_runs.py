"""
Runs of a session: with arrays on the CPU, with bound buffers on a GPU.

Buffers are allocated on the device once for each shape of the inputs. Only the inputs are copied
to the device, and only the outputs are copied back.
"""

from collections import OrderedDict
from collections.abc import Mapping
import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from posenet_ros.inference.graph import ALIGNMENT, Feed
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

_FLOAT_BYTES = 4

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


class DeviceBuffers:
    """
    The buffers on a device for one shape of the inputs, bound to a session.

    All outputs share one allocation, so that they are copied back together. So do all inputs if
    they share memory on the CPU (see `Feed.layout`).
    """

    def __init__(self, session: Session, feed: Feed, device: tuple[str, int]) -> None:
        """Allocate and bind buffers for this feed; `device` is a device's name and number."""
        #: ONNX Runtime's binding, for `run_with_iobinding`.
        self.binding = session.io_binding()
        self._device = device
        self._inputs: dict[str, Any] = {}
        self._block = self._bind_block(feed)
        if self._block is None:
            self._bind_each(feed)
        self._places = _places(feed.output_shapes)
        self._outputs = self._bind_outputs(feed.output_shapes)

    def upload(self, feed: Feed) -> None:
        """
        Copy the inputs to the device, and wait.

        `update_inplace` waits for CUDA's default stream after its copy (ONNX Runtime since 1.11).
        Runs use another stream, which does not wait for that one.
        """
        if self._block is not None:
            self._block.update_inplace(next(iter(feed.inputs.values())).base)
            return
        for name, buffer in self._inputs.items():
            buffer.update_inplace(np.ascontiguousarray(feed.inputs[name]))

    def download(self) -> Outputs:
        """Wait for the run, and return copies of the outputs in the order of their shapes."""
        self.binding.synchronize_outputs()
        values = _owned(self._outputs.numpy())
        return [
            values[start:][: math.prod(shape)].reshape(shape)
            for start, shape in self._places.values()
        ]

    def _bind_block(self, feed: Feed) -> Any:
        layout = feed.layout
        if layout is None:
            return None
        block = self._allocate((layout.size,), np.uint8)
        for (name, array), offset in zip(feed.inputs.items(), layout.offsets, strict=True):
            address = block.data_ptr() + offset
            self.binding.bind_input(
                name, *self._device, array.dtype.type, list(array.shape), address
            )
        return block

    def _bind_each(self, feed: Feed) -> None:
        for name, array in feed.inputs.items():
            self._inputs[name] = self._allocate(array.shape, array.dtype.type)
            self.binding.bind_ortvalue_input(name, self._inputs[name])

    def _bind_outputs(self, shapes: Mapping[str, tuple[int, ...]]) -> Any:
        block = self._allocate((sum(map(_padded, shapes.values())),), np.float32)
        for name, (start, shape) in self._places.items():
            address = block.data_ptr() + start * _FLOAT_BYTES
            self.binding.bind_output(name, *self._device, np.float32, list(shape), address)
        return block

    def _allocate(self, shape: tuple[int, ...], kind: type) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, kind, *self._device)


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
        # Each with the number under which ONNX Runtime records the run; -1 if it does not.
        self._kept: OrderedDict[object, tuple[DeviceBuffers, int]] = OrderedDict()

    def __call__(self, feed: Feed, options: Any) -> Outputs:
        """Return the outputs; raises what ONNX Runtime raises."""
        buffers, recording = self._buffers_for(feed)
        if self._replays:
            options.add_run_config_entry('gpu_graph_id', str(recording))
        buffers.upload(feed)
        self._session.run_with_iobinding(buffers.binding, options)
        return buffers.download()

    def _buffers_for(self, feed: Feed) -> tuple[DeviceBuffers, int]:
        key = (feed.shapes, feed.layout)
        if key not in self._kept:
            buffers = DeviceBuffers(self._session, feed, self._device)
            self._kept[key] = buffers, self._next_recording()
        self._kept.move_to_end(key)
        # A recorded run refers to the addresses of its buffers, so those are never dropped.
        unrecorded = [one for one, (_, recording) in self._kept.items() if recording < 1]
        if len(unrecorded) > _MAX_SHAPES:
            del self._kept[unrecorded[0]]
        return self._kept[key]

    def _next_recording(self) -> int:
        if not self._replays or self._recorded == _MAX_SHAPES:
            return -1
        self._recorded += 1  # ONNX Runtime uses the number 0 itself
        return self._recorded


def _places(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Return where each float32 tensor starts in one allocation for all, and its shape."""
    places, start = {}, 0
    for name, shape in shapes.items():
        places[name] = start, shape
        start += _padded(shape)
    return places


def _padded(shape: tuple[int, ...]) -> int:
    """Return the number of float32 values from one tensor's start to the next one's."""
    step = ALIGNMENT // _FLOAT_BYTES
    return -(-math.prod(shape) // step) * step


def _owned(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an array that the next run does not overwrite."""
    # ONNX Runtime copies outputs from a GPU. Newer releases do not copy outputs in host memory.
    return values if values.flags.owndata else values.copy()
