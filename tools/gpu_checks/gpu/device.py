"""
The GPU as the driver's library sees it: its memory, and what breaks a context.

The functions are documented at https://docs.nvidia.com/cuda/cuda-driver-api/. All memory is taken
with cuMemAlloc, never as managed memory, which could make the whole GPU hang.
"""

from collections.abc import Callable
import ctypes
from typing import Any

from gpu_checks.plan import Plan, Result

from posenet_ros.inference.machine.nvidia import find_driver

_LIBRARY = 'libcuda.so.1'

# A kernel that stops with an error. Afterwards, each call in the context fails, as after a real
# fault of the GPU. Other processes do not notice.
_TRAP = """
.version 6.3
.target {target}
.address_size 64
.visible .entry fail() {{ trap; }}
"""
# The oldest that CUDA 13 has, and one for older GPUs.
_TARGETS = ('sm_75', 'sm_50')


class DriverError(Exception):
    """The driver's library returned an error."""


class Device:
    """A GPU, used in its primary context, which is also the one of ONNX Runtime."""

    def __init__(self, device_id: int, library: Any = None) -> None:
        """Open the GPU; raises DriverError if that fails, and OSError if there is no driver."""
        self._library = library or ctypes.CDLL(_LIBRARY)
        self._device = ctypes.c_int(0)
        self._context = ctypes.c_void_p()
        self._call('cuInit', 0)
        self._call('cuDeviceGet', ctypes.byref(self._device), device_id)
        self._call('cuDevicePrimaryCtxRetain', ctypes.byref(self._context), self._device)
        self._call('cuCtxSetCurrent', self._context)

    def memory(self) -> tuple[int, int]:
        """Return how many bytes of the memory are free, and how many there are."""
        free, total = ctypes.c_size_t(0), ctypes.c_size_t(0)
        self._call('cuMemGetInfo_v2', ctypes.byref(free), ctypes.byref(total))
        return free.value, total.value

    def used_mb(self) -> float:
        """Return how much of the memory is used by all processes, in MB."""
        free, total = self.memory()
        return (total - free) / 2**20

    def allocate(self, size: int) -> int:
        """Return the address of so many bytes; raises DriverError if there are none."""
        address = ctypes.c_uint64(0)
        self._call('cuMemAlloc_v2', ctypes.byref(address), ctypes.c_size_t(size))
        return address.value

    def free(self, address: int) -> None:
        """Free what `allocate` returned."""
        self._call('cuMemFree_v2', ctypes.c_uint64(address))

    def reset_context(self) -> None:
        """Destroy all that this process has on the GPU, also what ONNX Runtime has."""
        self._call('cuDevicePrimaryCtxReset_v2', self._device)

    def break_context(self) -> None:
        """Run a kernel that fails, so that all later calls in this process fail."""
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        self._load(module)
        self._call('cuModuleGetFunction', ctypes.byref(function), module, b'fail')
        self._call('cuLaunchKernel', function, *[1] * 6, 0, None, None, None)
        if not self._library.cuCtxSynchronize():
            raise DriverError('the kernel that should fail has succeeded')

    def _load(self, module: ctypes.c_void_p) -> None:
        """Load the kernel that fails; raises DriverError if the GPU has none of the targets."""
        for target in _TARGETS:
            source = _TRAP.format(target=target).encode()
            error = self._library.cuModuleLoadData(ctypes.byref(module), source)
            if not error:
                return
        raise self._error('cuModuleLoadData', error)

    def describe(self) -> Result:
        """Return the compute capability and the memory."""
        free, total = self.memory()
        major, minor = (self._attribute(number) for number in (75, 76))
        return {
            'compute_capability': f'{major}.{minor}',
            'multiprocessors': self._attribute(16),
            'memory_mb': round(total / 2**20),
            'free_mb': round(free / 2**20),
        }

    def _attribute(self, number: int) -> int:
        value = ctypes.c_int(0)
        self._call('cuDeviceGetAttribute', ctypes.byref(value), number, self._device)
        return value.value

    def _call(self, name: str, *arguments: Any) -> None:
        function: Callable[..., int] = getattr(self._library, name)
        error = function(*arguments)
        if error:
            raise self._error(name, error)

    def _error(self, name: str, error: int) -> DriverError:
        text = ctypes.c_char_p()
        self._library.cuGetErrorString(error, ctypes.byref(text))
        message = (text.value or b'unknown').decode(errors='replace')
        return DriverError(f'{name}: CUDA error {error}: {message}')


def open_device(plan: Plan) -> Device | None:
    """Return the GPU under test; None in a rehearsal. Raises what `Device` raises."""
    return None if plan.is_rehearsal else Device(plan.device_id)


def describe_device(plan: Plan) -> Result | None:
    """Return the GPU under test and its driver; None in a rehearsal."""
    driver, device = find_driver(), open_device(plan)
    if driver is None or device is None:
        return None
    return {'name': driver.devices[plan.device_id], 'cuda': driver.cuda, **device.describe()}
