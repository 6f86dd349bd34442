"""
How a session is fed and read: plainly on the CPU, through bound buffers on a GPU.

Bound, the input and output buffers of a shape are allocated once, on the device. An image goes
there as bytes; conversion, sampling and normalisation are in the graph, and only the small heads
come back.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Size
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.sessions import Session
from posenet_ros.posenet.heads import CHANNELS

#: ONNX Runtime's name of the memory of an NVIDIA GPU.
GPU_MEMORY = 'cuda'

_HEADS = list(CHANNELS)

# Shapes whose buffers are kept: cameras have few. A recorded run is never let go by ONNX Runtime,
# so that only as many shapes are recorded.
_SHAPES = 8

Images = NDArray[np.uint8]
Outputs = list[NDArray[np.float32]]


class GraphRun(Protocol):
    """Runs a graph on images, uint8 [N, height, width, 3]; heads are float32 [N, C, H, W]."""

    def __call__(self, images: Images, input_size: Size, options: Any) -> Outputs:
        """Return the heads; raises what ONNX Runtime raises."""


class PlainRun:
    """Hands arrays over and takes arrays back: on the CPU that costs nothing."""

    def __init__(self, session: Session) -> None:
        """Take a session."""
        self._session = session

    def __call__(self, images: Images, input_size: Size, options: Any) -> Outputs:
        """Return the heads; raises what ONNX Runtime raises."""
        inputs = {'image': images, 'input_size': np.array(input_size, np.int64)}
        outputs: Outputs = self._session.run(_HEADS, inputs, options)
        return outputs


@dataclass(frozen=True)
class _Buffers:
    """The buffers of one shape, and the binding that names them to the session."""

    binding: Any
    images: Any
    #: Kept because it lies in NumPy's memory.
    input_size: Any
    heads: list[Any]
    #: Number under which ONNX Runtime records the run; -1: it does not.
    recording: int


class BoundRun:
    """Runs through buffers on a device that are allocated once for each shape."""

    def __init__(
        self,
        session: Session,
        *,
        output_stride: int,
        device: str,
        device_id: int,
        replays: bool = False,
    ) -> None:
        """Take a session and its device; with `replays`, its runs are recorded once a shape."""
        self._session = session
        self._output_stride = output_stride
        self._device = (device, device_id)
        self._replays = replays
        self._recorded = 0
        self._buffers: OrderedDict[tuple[tuple[int, ...], Size], _Buffers] = OrderedDict()

    def __call__(self, images: Images, input_size: Size, options: Any) -> Outputs:
        """Return the heads; raises what ONNX Runtime raises."""
        buffers = self._buffers_for(images.shape, input_size)
        if self._replays:
            options.add_run_config_entry('gpu_graph_id', str(buffers.recording))
        buffers.images.update_inplace(np.ascontiguousarray(images))
        self._session.run_with_iobinding(buffers.binding, options)
        buffers.binding.synchronize_outputs()
        return [head.numpy() for head in buffers.heads]

    def _buffers_for(self, shape: tuple[int, ...], input_size: Size) -> _Buffers:
        key = (shape, input_size)
        if key not in self._buffers:
            self._buffers[key] = self._allocate(shape, input_size)
        self._buffers.move_to_end(key)
        # Recorded ones stay: a recording holds the addresses of its buffers.
        spare = [one for one, held in self._buffers.items() if held.recording < 1]
        if len(spare) > _SHAPES:
            del self._buffers[spare[0]]
        return self._buffers[key]

    def _allocate(self, shape: tuple[int, ...], input_size: Size) -> _Buffers:
        grid = [(side - 1) // self._output_stride + 1 for side in input_size]
        binding = self._session.io_binding()
        images = self._on_device(shape, np.uint8)
        binding.bind_ortvalue_input('image', images)
        # Resize reads it on the host.
        size = onnxruntime.OrtValue.ortvalue_from_numpy(np.array(input_size, np.int64))
        binding.bind_ortvalue_input('input_size', size)
        heads = []
        for name, channels in CHANNELS.items():
            head = self._on_device((shape[0], channels, *grid), np.float32)
            binding.bind_ortvalue_output(name, head)
            heads.append(head)
        recording = -1
        if self._replays and self._recorded < _SHAPES:
            self._recorded += 1
            recording = self._recorded  # 0 is ONNX Runtime's own
        return _Buffers(binding, images, size, heads, recording)

    def _on_device(self, shape: tuple[int, ...], kind: type) -> Any:
        return onnxruntime.OrtValue.ortvalue_from_shape_and_type(shape, kind, *self._device)
