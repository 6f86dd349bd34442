"""
A stream of the GPU: copies and runs in order, and the time that the GPU takes for them.

ONNX Runtime uses the stream if its address is the option user_compute_stream of the CUDA provider,
with CUDA graphs, too; its own helper for benchmarks does the same (GpuBinding in
onnxruntime/python/tools/transformers/io_binding_helper.py).
"""

from collections.abc import Callable
import ctypes
import math
from typing import Any, Protocol

from gpu_checks.gpu.device import Device
from gpu_checks.gpu.host_stream import HostStream
from gpu_checks.plan import Plan
import numpy as np
from numpy.typing import NDArray

from posenet_ros.inference.graph_runs import GPU_MEMORY

# A stream that does not wait for the default stream, as ONNX Runtime creates it for CUDA graphs.
_NON_BLOCKING = 1

# While the GPU copies for this time, the CPU can enqueue what is measured. So the time between two
# events does not include waiting for the CPU.
_DELAY_MS = 3.0
_DELAY_BYTES = 2**26
_MAX_DELAYS = 500
# Copies that are not measured, and those of which the fastest counts.
_FIRST_COPIES, _MEASURED_COPIES = 20, 5


class Stream(Protocol):
    """Copies and runs in order: on a GPU, or on the CPU in a rehearsal."""

    @property
    def clock(self) -> str:
        """Return what measures the times: `events` on the GPU, or `wall`, the CPU's clock."""

    @property
    def address(self) -> int:
        """Return the address of the stream; 0 if there is none."""

    @property
    def device(self) -> tuple[str, int]:
        """Return ONNX Runtime's name and number of the device."""

    def measure(self, enqueue: Callable[[], object]) -> float:
        """Return the milliseconds that the GPU takes for what a function enqueues."""

    def synchronize(self) -> None:
        """Wait until everything that was enqueued is done."""

    def memory(self) -> tuple[int, int]:
        """Return how many bytes of the memory are free, and how many there are."""

    def allocate(self, size: int) -> int:
        """Return the address of so many bytes on the device."""

    def free(self, address: int) -> None:
        """Free what `allocate` returned."""

    def upload(self, address: int, source: NDArray[Any]) -> None:
        """Copy a contiguous array to the device, and wait."""

    def download(self, target: NDArray[Any], address: int) -> None:
        """Copy from the device to a contiguous array, and wait."""

    def enqueue_upload(self, address: int, source: NDArray[Any]) -> None:
        """Enqueue a copy of a contiguous array, which must stay as it is, to the device."""

    def enqueue_download(self, target: NDArray[Any], address: int) -> None:
        """Enqueue a copy from the device to a contiguous array."""

    def enqueue_copy(self, target: int, source: int, size: int) -> None:
        """Enqueue a copy within the device's memory."""

    def allocate_pinned(self, size: int) -> NDArray[np.uint8]:
        """Return memory of the CPU, uint8 [size], that the GPU can copy from and to directly."""

    def free_pinned(self, array: NDArray[np.uint8]) -> None:
        """Free what `allocate_pinned` returned; it must not be used any more."""


def open_stream(plan: Plan) -> Stream:
    """
    Return a new stream of the GPU under test, or the CPU in its place in a rehearsal.

    Raises DriverError if there is no such GPU, and OSError if there is no driver.
    """
    return HostStream() if plan.is_rehearsal else GpuStream(plan.device_id)


class GpuStream(Device):
    """A stream of a GPU, and two events on it."""

    clock = 'events'

    def __init__(self, device_id: int, library: Any = None) -> None:
        """Create a stream; raises DriverError if that fails, and OSError if there is no driver."""
        super().__init__(device_id, library)
        self.device = (GPU_MEMORY, device_id)
        self._stream = self._create('cuStreamCreate', _NON_BLOCKING)
        self._start, self._end = (self._create('cuEventCreate', 0) for _ in range(2))
        # The older name is that of drivers before CUDA 12.8.
        known = hasattr(self._library, 'cuEventElapsedTime_v2')
        self._elapsed = 'cuEventElapsedTime_v2' if known else 'cuEventElapsedTime'
        self._scratch = self.allocate(2 * _DELAY_BYTES)
        self._delays = 0
        # The first copies are slow: the driver loads what it needs, and the clocks rise.
        for _ in range(_FIRST_COPIES):
            self._enqueue_delay()
        self.synchronize()
        once = min(self.measure(self._enqueue_delay) for _ in range(_MEASURED_COPIES))
        self._delays = min(math.ceil(_DELAY_MS / max(once, 1e-3)), _MAX_DELAYS)

    @property
    def address(self) -> int:
        """Return the address of the stream."""
        return self._stream.value or 0

    def measure(self, enqueue: Callable[[], object]) -> float:
        """Return the milliseconds that the GPU takes for what a function enqueues."""
        for _ in range(self._delays):
            self._enqueue_delay()
        self._call('cuEventRecord', self._start, self._stream)
        enqueue()
        self._call('cuEventRecord', self._end, self._stream)
        self._call('cuEventSynchronize', self._end)
        elapsed = ctypes.c_float(0)
        self._call(self._elapsed, ctypes.byref(elapsed), self._start, self._end)
        return elapsed.value

    def synchronize(self) -> None:
        """Wait until everything that was enqueued is done."""
        self._call('cuStreamSynchronize', self._stream)

    def upload(self, address: int, source: NDArray[Any]) -> None:
        """Copy a contiguous array to the device, and wait."""
        self._call('cuMemcpyHtoD_v2', ctypes.c_uint64(address), *_host(source))

    def download(self, target: NDArray[Any], address: int) -> None:
        """Copy from the device to a contiguous array, and wait."""
        host, size = _host(target)
        self._call('cuMemcpyDtoH_v2', host, ctypes.c_uint64(address), size)

    def enqueue_upload(self, address: int, source: NDArray[Any]) -> None:
        """Enqueue a copy of a contiguous array, which must stay as it is, to the device."""
        self._call('cuMemcpyHtoDAsync_v2', ctypes.c_uint64(address), *_host(source), self._stream)

    def enqueue_download(self, target: NDArray[Any], address: int) -> None:
        """Enqueue a copy from the device to a contiguous array."""
        host, size = _host(target)
        self._call('cuMemcpyDtoHAsync_v2', host, ctypes.c_uint64(address), size, self._stream)

    def enqueue_copy(self, target: int, source: int, size: int) -> None:
        """Enqueue a copy within the device's memory."""
        places = ctypes.c_uint64(target), ctypes.c_uint64(source)
        self._call('cuMemcpyDtoDAsync_v2', *places, ctypes.c_size_t(size), self._stream)

    def allocate_pinned(self, size: int) -> NDArray[np.uint8]:
        """Return memory of the CPU, uint8 [size], that the GPU can copy from and to directly."""
        address = ctypes.c_void_p()
        self._call('cuMemHostAlloc', ctypes.byref(address), ctypes.c_size_t(size), 0)
        memory = (ctypes.c_uint8 * size).from_address(address.value or 0)
        return np.frombuffer(memoryview(memory), np.uint8)

    def free_pinned(self, array: NDArray[np.uint8]) -> None:
        """Free what `allocate_pinned` returned; it must not be used any more."""
        self._call('cuMemFreeHost', _host(array)[0])

    def _create(self, name: str, flags: int) -> ctypes.c_void_p:
        created = ctypes.c_void_p()
        self._call(name, ctypes.byref(created), flags)
        return created

    def _enqueue_delay(self) -> None:
        self.enqueue_copy(self._scratch, self._scratch + _DELAY_BYTES, _DELAY_BYTES)


def _host(array: NDArray[Any]) -> tuple[ctypes.c_void_p, ctypes.c_size_t]:
    """Return the address and the size of a contiguous array in the CPU's memory."""
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes)
