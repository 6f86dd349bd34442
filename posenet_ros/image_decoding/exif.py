"""The orientation in EXIF data."""

import struct

import numpy as np
from numpy.typing import NDArray

_ORIENTATION = 0x0112
_ENTRY_BYTES = 12
_BYTE_ORDERS = {b'II': '<', b'MM': '>'}


def read_orientation(exif: bytes) -> int:
    """
    Return the orientation in EXIF data, 1 to 8; 1 (upright) if there is none.

    Only the entries of the first directory are read. Pillow would also copy the value of every
    entry, and the values of thousands of entries can be the same bytes.
    """
    exif = exif.removeprefix(b'Exif\0\0')
    order = _BYTE_ORDERS.get(exif[:2])
    try:
        if order is None:
            return 1
        (start,) = struct.unpack_from(f'{order}I', exif, 4)
        (count,) = struct.unpack_from(f'{order}H', exif, start)
        for index in range(count):
            place = start + 2 + index * _ENTRY_BYTES
            tag, _, _, value = struct.unpack_from(f'{order}HHIH', exif, place)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:  # it ends early
        pass
    return 1


def turn_upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return pixels [height, width, 3] rotated and mirrored according to an EXIF orientation."""
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
