"""Other ways of moving the tensors of a run than the package's, to compare them with it."""

import math
from typing import Any

from gpu_checks.speed.networks import MeasuredNetwork
import numpy as np

from posenet_ros.inference.graph import ALIGNMENT, Feed
from posenet_ros.inference.graph_runs import Outputs
from posenet_ros.inference.onnx_runtime import onnxruntime


class SeparateTensors:
    """A buffer for each input and each output: six copies to the device, and four back."""

    def __init__(self, measured: MeasuredNetwork, feed: Feed) -> None:
        """Allocate and bind buffers for this feed."""
        self.binding = measured.session.io_binding()
        self._feed = feed
        device = measured.stream.device
        make = onnxruntime.OrtValue.ortvalue_from_shape_and_type
        self._inputs = {
            name: make(array.shape, array.dtype.type, *device)
            for name, array in feed.inputs.items()
        }
        self._outputs = {
            name: make(shape, np.float32, *device) for name, shape in feed.output_shapes.items()
        }
        for name, value in self._inputs.items():
            self.binding.bind_ortvalue_input(name, value)
        for name, value in self._outputs.items():
            self.binding.bind_ortvalue_output(name, value)

    def upload(self, *names: str) -> None:
        """Copy these inputs to the device, by default all of them."""
        for name in names or self._inputs:
            self._inputs[name].update_inplace(self._feed.inputs[name])

    def download(self, *names: str) -> Outputs:
        """Return copies of these outputs, by default all of them."""
        return [self._outputs[name].numpy() for name in names or self._outputs]


class PinnedBlocks:
    """
    One block for all inputs and one for all outputs, on the device and in pinned host memory.

    Everything is enqueued on the session's stream; only `wait` waits.
    """

    def __init__(self, measured: MeasuredNetwork, feed: Feed) -> None:
        """Allocate and bind blocks for this feed, whose inputs share memory."""
        layout = feed.layout
        assert layout is not None
        self.source = np.asarray(next(iter(feed.inputs.values())).base, np.uint8)
        self._shapes = feed.output_shapes
        step = ALIGNMENT // 4
        lengths = [-(-math.prod(shape) // step) * step for shape in self._shapes.values()]
        self._starts = np.cumsum([0, *lengths]).tolist()
        self._stream = measured.stream
        self.inputs = self._stream.allocate_pinned(layout.size)
        self.outputs = self._stream.allocate_pinned(4 * self._starts[-1]).view(np.float32)
        self.input_address = self._stream.allocate(self.inputs.nbytes)
        self.output_address = self._stream.allocate(self.outputs.nbytes)
        self.binding = measured.session.io_binding()
        for (name, array), offset in zip(feed.inputs.items(), layout.offsets, strict=True):
            self._bind(
                self.binding.bind_input,
                name,
                array.dtype.type,
                array.shape,
                self.input_address + offset,
            )
        for (name, shape), start in zip(self._shapes.items(), self._starts, strict=False):
            self._bind(
                self.binding.bind_output, name, np.float32, shape, self.output_address + 4 * start
            )

    def fill(self) -> None:
        """Copy the feed to the pinned memory."""
        np.copyto(self.inputs, self.source)

    def enqueue_upload(self) -> None:
        """Enqueue the copy to the device."""
        self._stream.enqueue_upload(self.input_address, self.inputs)

    def enqueue_download(self) -> None:
        """Enqueue the copy from the device."""
        self._stream.enqueue_download(self.outputs, self.output_address)

    def wait(self) -> None:
        """Wait until everything is done."""
        self._stream.synchronize()

    def heads(self) -> Outputs:
        """Return copies of the outputs."""
        values = self.outputs.copy()
        return [
            values[start:][: math.prod(shape)].reshape(shape)
            for start, shape in zip(self._starts, self._shapes.values(), strict=False)
        ]

    def close(self) -> None:
        """Free all memory; no run may follow."""
        self._stream.free_pinned(self.inputs)
        self._stream.free_pinned(self.outputs.view(np.uint8))
        self._stream.free(self.input_address)
        self._stream.free(self.output_address)

    def _bind(
        self, bind: Any, name: str, kind: type, shape: tuple[int, ...], address: int
    ) -> None:
        bind(name, *self._stream.device, kind, list(shape), address)
