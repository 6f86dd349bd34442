"""What the C library does with the memory of images that are done with."""

import ctypes

# mallopt(3) of glibc.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

# The largest of glibc's thresholds: the pixels of a 4K image come from the heap.
_LARGEST_IN_HEAP = 32 * 2**20
# Bytes that may lie free at the end of the heap.
_MOST_KEPT = 64 * 2**20


def keep_freed_memory() -> None:
    """
    Let the process keep what it frees, for the next image.

    glibc hands large pieces back to the kernel, which clears them page by page when they are asked
    for again: 650 page faults for each image of 640x480 pixels that comes in, and half of all
    processor time that receiving it takes. And it has a heap for each thread, none of which can
    use what another has freed. Does nothing where the C library is another one.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, _LARGEST_IN_HEAP)
    mallopt(_M_TRIM_THRESHOLD, _MOST_KEPT)
    mallopt(_M_ARENA_MAX, 1)
