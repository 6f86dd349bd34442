"""
Conversion of depth image messages, raw and compressed.

The compressed ones are those of the transport compressedDepth: a header of 12 bytes, and a PNG.
Source: compressed_depth_image_transport, codec.cpp and compression_common.h.
"""

import struct
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image

from posenet_ros.errors import DepthError, ImageError
from posenet_ros.framing.framing import Size
from posenet_ros.image_decoding.pixel_limit import check_pixel_count
from posenet_ros.image_decoding.png_values import decode_png_values
from posenet_ros.quoting import quoted
from posenet_ros.settings import MAX_IMAGE_PIXELS
from posenet_ros.spatial.depth_image import depth_image, DepthImage

DepthMessage: TypeAlias = 'Image | CompressedImage'
Values: TypeAlias = 'NDArray[np.uint16] | NDArray[np.float32]'

_DTYPES = {'16UC1': 'u2', '32FC1': 'f4'}
_REMEDY = 'publish 16UC1 (millimetres) or 32FC1 (metres)'

# An enumeration that is not used, and the two parameters of quantized inverse depth.
_HEADER = struct.Struct('<iff')


def to_depth_image(
    message: DepthMessage, image_size: Size, *, max_pixels: int = MAX_IMAGE_PIXELS
) -> DepthImage:
    """
    Return a depth image for an image of (height, width).

    A raw message may have padding after the rows, and any byte order; the result shares its memory
    if it has no padding. Raises DepthError if the encoding is not 16UC1 or 32FC1, if the fields of
    the message contradict each other, if compressed data are no PNG (such as RVL) or broken, if it
    has more than `max_pixels` pixels, or if the aspect is not that of the image.
    """
    try:
        if isinstance(message, Image):
            return depth_image(_raw(message, max_pixels), image_size)
        return depth_image(_compressed(message, max_pixels), image_size)
    except ImageError as error:
        raise DepthError(f'the depth image is refused: {error}') from error


def _raw(message: Image, max_pixels: int) -> Values:
    """Return the values of a raw message, [height, width]."""
    encoding = _checked(message.encoding)
    sent = np.dtype(_DTYPES[encoding]).newbyteorder('>' if message.is_bigendian else '<')
    height, width, step = message.height, message.width, message.step
    if not (height and width):
        raise DepthError(f'the depth image has {width} x {height} pixels; publish complete images')
    check_pixel_count(width, height, max_pixels)
    row = width * sent.itemsize
    needed = step * (height - 1) + row
    if step < row or len(message.data) < needed:
        raise DepthError(
            f'the depth image has {len(message.data)} bytes and step {step}, too few for '
            f'{width} x {height} pixels of {encoding}; publish complete images'
        )
    return np.ndarray((height, width), sent, message.data, strides=(step, sent.itemsize))


def _compressed(message: CompressedImage, max_pixels: int) -> Values:
    """Return the values of a message of the transport compressedDepth, [height, width]."""
    given, _, transport = message.format.partition(';')
    encoding = _checked(given.strip())
    if 'rvl' in transport.lower():
        raise DepthError(
            f'the format {quoted(message.format)} is not supported, as it is RVL; set the '
            "parameter format of the publisher's compressedDepth transport to png"
        )
    content = bytes(message.data)
    start = _HEADER.size
    if len(content) < start:
        raise DepthError(
            f'the compressed depth image has {len(content)} bytes, not even a header of '
            f'{start}; publish complete images'
        )
    values = decode_png_values(content[start:], max_pixels=max_pixels)
    return values if encoding == '16UC1' else _from_inverse(values, content)


def _from_inverse(values: NDArray[np.uint16], content: bytes) -> NDArray[np.float32]:
    """Return metres, float32, from quantized inverse depths; 0 is unknown, and becomes NaN."""
    _, scale, offset = _HEADER.unpack_from(content)
    metres = np.full(values.shape, np.nan, np.float32)
    divisors = values.astype(np.float32) - np.float32(offset)
    np.divide(np.float32(scale), divisors, out=metres, where=(values > 0) & (divisors != 0))
    return metres


def _checked(encoding: str) -> str:
    """Return an encoding; raises DepthError if it is not one of depth."""
    if encoding not in _DTYPES:
        raise DepthError(
            f'the encoding {quoted(encoding)} of the depth image is not supported; {_REMEDY}'
        )
    return encoding
