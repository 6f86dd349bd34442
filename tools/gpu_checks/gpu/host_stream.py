"""The CPU in place of a GPU's stream, for a rehearsal: everything is done when it is enqueued."""

from collections.abc import Callable
import ctypes
import os
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray


class HostStream:
    """The CPU's memory in place of a GPU's."""

    clock = 'wall'
    address = 0
    device = ('cpu', 0)

    def __init__(self) -> None:
        """Start without any memory."""
        self._arrays: dict[int, NDArray[np.uint8]] = {}

    def measure(self, enqueue: Callable[[], object]) -> float:
        """Return the milliseconds that a function takes."""
        start = time.perf_counter_ns()
        enqueue()
        return (time.perf_counter_ns() - start) / 1e6

    def synchronize(self) -> None:
        """Do nothing."""

    def memory(self) -> tuple[int, int]:
        """Return how many bytes of the CPU's memory are free, and how many there are."""
        page = os.sysconf('SC_PAGE_SIZE')
        return page * os.sysconf('SC_AVPHYS_PAGES'), page * os.sysconf('SC_PHYS_PAGES')

    def allocate(self, size: int) -> int:
        """Return the address of so many bytes."""
        array = np.empty(size, np.uint8)
        self._arrays[array.ctypes.data] = array
        return array.ctypes.data

    def free(self, address: int) -> None:
        """Free what `allocate` returned."""
        del self._arrays[address]

    def upload(self, address: int, source: NDArray[Any]) -> None:
        """Copy a contiguous array to an address."""
        assert source.flags.c_contiguous
        ctypes.memmove(address, source.ctypes.data, source.nbytes)

    def download(self, target: NDArray[Any], address: int) -> None:
        """Copy from an address to a contiguous array."""
        assert target.flags.c_contiguous
        ctypes.memmove(target.ctypes.data, address, target.nbytes)

    enqueue_upload = upload
    enqueue_download = download

    def enqueue_copy(self, target: int, source: int, size: int) -> None:
        """Copy from one address to another."""
        ctypes.memmove(target, source, size)

    def allocate_pinned(self, size: int) -> NDArray[np.uint8]:
        """Return memory, uint8 [size]."""
        return np.empty(size, np.uint8)

    def free_pinned(self, array: NDArray[np.uint8]) -> None:
        """Do nothing: the array frees its memory."""
