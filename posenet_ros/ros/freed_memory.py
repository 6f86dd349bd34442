"""Reuse of the memory of freed images."""

import ctypes

# mallopt(3) of glibc.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

# The maximum that glibc accepts. The pixels of a 4K image take less, so they are in the heap.
_MAX_BYTES_IN_HEAP = 32 * 2**20
# Maximum free memory at the end of the heap that is not returned to the kernel.
_MAX_BYTES_KEPT = 64 * 2**20


def keep_freed_memory() -> None:
    """
    Make the process keep the memory that it frees, for the next image.

    By default, glibc returns large blocks to the kernel, which clears them page by page when they
    are allocated again. This costs 650 page faults for each image of 640x480 pixels, half of the
    CPU time for receiving it. By default, glibc also has several heaps for threads, and one cannot
    use memory that was freed in another. With any other C library, this function does nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, _MAX_BYTES_IN_HEAP)
    mallopt(_M_TRIM_THRESHOLD, _MAX_BYTES_KEPT)
    mallopt(_M_ARENA_MAX, 1)
