"""The NVIDIA driver and its GPUs, as the driver's own library reports them."""

import ctypes
from dataclasses import dataclass, field

_LIBRARY = 'libcuda.so.1'


@dataclass(frozen=True)
class Driver:
    """An NVIDIA driver and its GPUs."""

    #: The newest CUDA version that it supports, such as (13, 0).
    cuda_version: tuple[int, int]
    #: Names of the GPUs, in the order of their device_id.
    devices: list[str] = field(default_factory=list)
    #: The driver's error message if it cannot use any GPU; otherwise empty.
    error: str = ''

    @property
    def cuda(self) -> str:
        """Return the CUDA version as text, such as 13.0."""
        return '.'.join(map(str, self.cuda_version))


def find_driver() -> Driver | None:
    """Return the driver of this machine, or None if there is none."""
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    return query(library)


def query(library: ctypes.CDLL) -> Driver:
    """
    Return what a driver's library reports.

    Its functions are documented at https://docs.nvidia.com/cuda/cuda-driver-api/
    """
    version, count = ctypes.c_int(0), ctypes.c_int(0)
    library.cuDriverGetVersion(ctypes.byref(version))
    cuda_version = (version.value // 1000, version.value % 1000 // 10)
    error = library.cuInit(0) or library.cuDeviceGetCount(ctypes.byref(count))
    if error:
        return Driver(cuda_version, error=_describe(library, error))
    return Driver(cuda_version, [_name(library, number) for number in range(count.value)])


def _name(library: ctypes.CDLL, number: int) -> str:
    device, text = ctypes.c_int(0), ctypes.create_string_buffer(256)
    library.cuDeviceGet(ctypes.byref(device), number)
    library.cuDeviceGetName(text, len(text), device)
    return text.value.decode(errors='replace')


def _describe(library: ctypes.CDLL, error: int) -> str:
    text = ctypes.c_char_p()
    library.cuGetErrorString(error, ctypes.byref(text))
    message = (text.value or b'unknown').decode(errors='replace')
    return f'CUDA error {error}: {message}'
