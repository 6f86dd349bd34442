"""Between image messages and arrays."""

from array import array
from typing import Any

import cv2
from cv_bridge import CvBridge
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.errors import ImageError
from posenet_ros.ros.conversions.image_encodings import Encoding, ENCODINGS

# What every cv_bridge converts rightly, as long as rows follow each other without padding. Not
# every cv_bridge looks at step, can turn bytes round, or knows the other encodings.
_BRIDGED = frozenset({'rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8'})

_BRIDGE = CvBridge()


def to_rgb(message: Image) -> NDArray[np.uint8]:
    """
    Return the pixels of an image message, uint8 RGB [height, width, 3].

    Takes every encoding of `ENCODINGS`, with and without padding behind the rows. 16-bit values
    are divided by 257 and rounded, as cv_bridge does; alpha is dropped. The array of an rgb8
    image without padding shares its memory with the message.

    Raises ImageError, naming the field, for a message that contradicts itself, has an encoding
    that is not known here, or a size that its encoding cannot have: yuv422 and its like need an
    even width, nv12 and nv21 an even width and height, Bayer patterns 2x2 pixels.
    """
    encoding = _encoding(message)
    _check_size(message, encoding)
    row = _check_data(message, encoding)
    if message.encoding not in _BRIDGED or message.step != row or message.is_bigendian:
        return _convert(_values(message, encoding), encoding)
    # A distribution's cv_bridge copies what is asked for by its own name.
    wanted = 'passthrough' if message.encoding == 'rgb8' else 'rgb8'
    return np.asarray(_BRIDGE.imgmsg_to_cv2(message, wanted), np.uint8)


def to_image(pixels: NDArray[np.uint8], header: Header) -> Image:
    """Return an rgb8 message of uint8 RGB pixels [height, width, 3]."""
    height, width, channels = pixels.shape
    # The one type that a message takes over without a check.
    data = array('B')
    data.frombytes(np.ascontiguousarray(pixels).data)
    return Image(
        header=header,
        height=height,
        width=width,
        encoding='rgb8',
        step=width * channels,
        data=data,
    )


def _encoding(message: Image) -> Encoding:
    if message.encoding not in ENCODINGS:
        known = ', '.join(ENCODINGS)
        raise ImageError(f'encoding {message.encoding!r} is not known, publish one of {known}')
    return ENCODINGS[message.encoding]


def _check_size(message: Image, encoding: Encoding) -> None:
    """Raise ImageError for a size that no image of this encoding has."""
    height, width = message.height, message.width
    size = f'width x height is {width}x{height}'
    if width == 0 or height == 0:
        raise ImageError(f'{size}: the image has no pixels')
    rows, columns = encoding.multiple
    if height % rows or width % columns:
        raise ImageError(
            f'{size}: {message.encoding} takes only multiples of {columns}x{rows}, '
            'crop the image or publish it as rgb8'
        )
    if encoding.mosaic and min(height, width) < 2:
        raise ImageError(
            f'{size}: smaller than the 2x2 pattern of {message.encoding}, '
            'publish a larger image, or mono8'
        )


def _check_data(message: Image, encoding: Encoding) -> int:
    """Return how many bytes of a row are pixels, when step and data agree with the size."""
    row = encoding.row_bytes(message.width)
    if message.step < row:
        raise ImageError(
            f'step is {message.step}, too small for {message.width} pixels of '
            f'{message.encoding}, which take {row} bytes'
        )
    # The last row may come without its padding.
    needed = message.step * (encoding.rows(message.height) - 1) + row
    if len(message.data) < needed:
        raise ImageError(
            f'data has {len(message.data)} bytes, too few for {message.width}x{message.height} '
            f'pixels of {message.encoding} with step {message.step}, which take {needed}'
        )
    return row


def _values(message: Image, encoding: Encoding) -> NDArray[Any]:
    """
    Return the values in a message's data, uint8 or uint16 [rows, width, channels].

    They share the data's memory where their bytes need not be turned round.
    """
    sent = np.dtype(encoding.dtype).newbyteorder('>' if message.is_bigendian else '<')
    shape = (encoding.rows(message.height), message.width, encoding.channels)
    strides = (message.step, encoding.channels * sent.itemsize, sent.itemsize)
    values: NDArray[Any] = np.ndarray(shape, sent, message.data, strides=strides)
    # OpenCV takes foreign bytes for its own; and 16 bits with an odd step are not aligned.
    return np.require(values, encoding.dtype, 'A')


def _convert(values: NDArray[Any], encoding: Encoding) -> NDArray[np.uint8]:
    """Return values of an encoding, [rows, width, channels], as uint8 RGB [height, width, 3]."""
    pixels = values
    if encoding.code is not None:
        convert = _demosaic if encoding.mosaic else cv2.cvtColor
        pixels = convert(values, encoding.code)
    if pixels.dtype == np.uint16:
        # As cv_bridge does it: after the colours, and rounded.
        pixels = cv2.convertScaleAbs(pixels, alpha=255 / 65535)
    return np.ascontiguousarray(pixels, np.uint8)


def _demosaic(values: NDArray[Any], code: int) -> NDArray[Any]:
    """Return a Bayer mosaic as RGB, also with a side of two, where OpenCV's is black."""
    if min(values.shape[:2]) > 2:
        return np.asarray(cv2.cvtColor(values, code))
    # Mirrored at its outer pixels, the pattern goes on as it is.
    larger = cv2.copyMakeBorder(values, 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    return np.asarray(cv2.cvtColor(larger, code))[2:-2, 2:-2]
