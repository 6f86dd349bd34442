"""Depth image messages for tests, raw and compressed, as cameras and image_transport make them."""

from array import array
import struct

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

_ENCODINGS = {'u2': '16UC1', 'f4': '32FC1'}
# The defaults of compressed_depth_image_transport: depths up to 10 m, quantization 100.
_MAX_DEPTH, _QUANTIZATION = 10.0, 100.0


def raw_depth(
    values: NDArray[np.uint16] | NDArray[np.float32], *, stamp: float = 1.0, padding: int = 0
) -> Image:
    """Return a depth image message; uint16 are millimetres and float32 are metres."""
    height, width = values.shape
    rows = np.zeros((height, width * values.itemsize + padding), np.uint8)
    contiguous = np.ascontiguousarray(values)
    rows[:, : width * values.itemsize] = contiguous.view(np.uint8).reshape(height, -1)
    return Image(
        header=header_at(stamp),
        height=height,
        width=width,
        encoding=_ENCODINGS[values.dtype.str[1:]],
        is_bigendian=int(values.dtype.byteorder == '>'),
        step=rows.shape[1],
        data=array('B', rows.tobytes()),
    )


def compressed_depth(
    values: NDArray[np.uint16] | NDArray[np.float32], *, stamp: float = 1.0
) -> CompressedImage:
    """Return a message of compressedDepth, as its encodeCompressedDepthImage writes it."""
    scale, offset = 0.0, 0.0
    numbers, encoding = values, '16UC1'
    if values.dtype.kind == 'f':
        encoding = '32FC1'
        scale = _QUANTIZATION * (_QUANTIZATION + 1)
        offset = 1 - scale / _MAX_DEPTH
        known = np.isfinite(values) & (values < _MAX_DEPTH)
        inverse = np.divide(scale, values, out=np.zeros(values.shape), where=known) + offset
        numbers = np.where(known, inverse, 0).astype(np.uint16)
    done, png = cv2.imencode('.png', numbers)
    assert done
    content = struct.pack('<iff', 0, scale, offset) + png.tobytes()
    return CompressedImage(
        header=header_at(stamp),
        format=f'{encoding}; compressedDepth png',
        data=array('B', content),
    )


def header_at(stamp: float, frame: str = 'lens') -> Header:
    """Return a header with a stamp in seconds."""
    header = Header(frame_id=frame)
    header.stamp.sec, header.stamp.nanosec = divmod(round(stamp * 10**9), 10**9)
    return header
