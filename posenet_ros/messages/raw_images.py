"""The pixels of raw image messages."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.pixel_limit import check_pixel_count
from posenet_ros.messages.image_encodings import Encoding, ENCODINGS
from posenet_ros.messages.message_types import RawImage
from posenet_ros.quoting import quoted
from posenet_ros.settings import MAX_IMAGE_PIXELS


def raw_to_rgb(message: RawImage, *, max_pixels: int = MAX_IMAGE_PIXELS) -> NDArray[np.uint8]:
    """
    Return the pixels of an image message, uint8 RGB [height, width, 3].

    Every encoding in `ENCODINGS` is supported, with or without padding after the rows. 16-bit
    values are divided by 257 and rounded, as in cv_bridge. Alpha is dropped. The array of an rgb8
    image without padding shares the memory of the message.

    Raises what `check_raw_image` raises.
    """
    encoding = check_raw_image(message, max_pixels=max_pixels)
    return _convert(_values(message, encoding), encoding)


def check_raw_image(message: RawImage, *, max_pixels: int) -> Encoding:
    """
    Check an image message before it is converted, and return its encoding.

    Raises ImageError, which names the field, if the fields of the message contradict each other,
    if the encoding is not supported, if the image has more than `max_pixels` pixels, or if the
    encoding does not allow the size: yuv422 and similar encodings need an even width, nv12 and
    nv21 an even width and height, and Bayer patterns at least 2x2 pixels.
    """
    encoding = _encoding(message)
    _check_size(message, encoding)
    _check_data(message, encoding)
    check_pixel_count(message.width, message.height, max_pixels)
    return encoding


def _encoding(message: RawImage) -> Encoding:
    if message.encoding not in ENCODINGS:
        supported = ', '.join(ENCODINGS)
        raise ImageError(
            f'encoding {quoted(message.encoding)} is not supported; publish one of {supported}'
        )
    return ENCODINGS[message.encoding]


def _check_size(message: RawImage, encoding: Encoding) -> None:
    """Raise ImageError if the encoding does not allow the size of the image."""
    height, width = message.height, message.width
    size = f'width x height is {width}x{height}'
    if width == 0 or height == 0:
        raise ImageError(f'{size}: the image has no pixels')
    rows, columns = encoding.multiple
    if height % rows or width % columns:
        raise ImageError(
            f'{size}: {message.encoding} needs multiples of {columns}x{rows}; '
            'crop the image or publish it as rgb8'
        )
    if encoding.mosaic and min(height, width) < 2:
        raise ImageError(
            f'{size}: smaller than the 2x2 pattern of {message.encoding}; '
            'publish a larger image, or publish it as mono8'
        )


def _check_data(message: RawImage, encoding: Encoding) -> None:
    """Raise ImageError if step or data are too small."""
    row = encoding.row_bytes(message.width)
    if message.step < row:
        raise ImageError(
            f'step is {message.step}, too small for {message.width} pixels of '
            f'{message.encoding}, which need {row} bytes'
        )
    # The last row need not have padding.
    needed = message.step * (encoding.rows(message.height) - 1) + row
    if len(message.data) < needed:
        raise ImageError(
            f'data has {len(message.data)} bytes, too few for {message.width}x{message.height} '
            f'pixels of {message.encoding} with step {message.step}, which need {needed}'
        )


def _values(message: RawImage, encoding: Encoding) -> NDArray[Any]:
    """
    Return the values in the data of a message, uint8 or uint16 [rows, width, channels].

    They share the memory of the data unless their bytes have to be swapped.
    """
    sent = np.dtype(encoding.dtype).newbyteorder('>' if message.is_bigendian else '<')
    shape = (encoding.rows(message.height), message.width, encoding.channels)
    strides = (message.step, encoding.channels * sent.itemsize, sent.itemsize)
    values: NDArray[Any] = np.ndarray(shape, sent, message.data, strides=strides)
    # OpenCV ignores the byte order of an array. 16-bit values with an odd step are not aligned.
    return np.require(values, encoding.dtype, 'A')


def _convert(values: NDArray[Any], encoding: Encoding) -> NDArray[np.uint8]:
    """Convert values of an encoding, [rows, width, channels], to uint8 RGB [height, width, 3]."""
    pixels = values
    if encoding.code is not None:
        convert = _demosaic if encoding.mosaic else cv2.cvtColor
        pixels = convert(values, encoding.code)
    if pixels.dtype == np.uint16:
        # As in cv_bridge: after the conversion to RGB, and rounded.
        pixels = cv2.convertScaleAbs(pixels, alpha=255 / 65535)
    return np.ascontiguousarray(pixels, np.uint8)


def _demosaic(values: NDArray[Any], code: int) -> NDArray[Any]:
    """Convert a Bayer mosaic to RGB, even if a side has only two pixels; OpenCV returns black."""
    if min(values.shape[:2]) > 2:
        return np.asarray(cv2.cvtColor(values, code))
    # Reflecting the image at its outermost pixels continues the pattern.
    larger = cv2.copyMakeBorder(values, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.cvtColor(larger, code))[2:-2, 2:-2]
