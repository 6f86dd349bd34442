"""Between image messages and arrays."""

from array import array

from cv_bridge import CvBridge
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.errors import ImageError

# Bytes of a pixel.
_PIXEL_BYTES = {'rgb8': 3, 'bgr8': 3, 'rgba8': 4, 'bgra8': 4, 'mono8': 1}

_BRIDGE = CvBridge()


def to_rgb(message: Image) -> NDArray[np.uint8]:
    """
    Return the pixels of an image message, uint8 RGB [height, width, 3].

    The array may share its memory with the message. Raises ImageError, naming the field, for a
    message that contradicts itself or has an encoding that is not known here.
    """
    row = _checked_row_bytes(message)
    if message.step != row or message.is_bigendian:
        message = _plain(message, row)
    return np.asarray(_BRIDGE.imgmsg_to_cv2(message, 'rgb8'), np.uint8)


def to_image(pixels: NDArray[np.uint8], header: Header) -> Image:
    """Return an rgb8 message of uint8 RGB pixels [height, width, 3]."""
    height, width, channels = pixels.shape
    return Image(
        header=header,
        height=height,
        width=width,
        encoding='rgb8',
        step=width * channels,
        data=_bytes(pixels),
    )


def _checked_row_bytes(message: Image) -> int:
    """Return how many bytes of a row are pixels, when the message agrees with itself."""
    size = f'{message.width}x{message.height}'
    if message.encoding not in _PIXEL_BYTES:
        known = ', '.join(_PIXEL_BYTES)
        raise ImageError(f'encoding {message.encoding!r} is not known, publish one of {known}')
    if message.width == 0 or message.height == 0:
        raise ImageError(f'width x height is {size}: the image has no pixels')
    row = int(message.width) * _PIXEL_BYTES[message.encoding]
    if message.step < row:
        raise ImageError(
            f'step is {message.step}, too small for {message.width} pixels of '
            f'{message.encoding}, which take {row} bytes'
        )
    # The last row may come without its padding.
    needed = message.step * (message.height - 1) + row
    if len(message.data) < needed:
        raise ImageError(
            f'data has {len(message.data)} bytes, too few for {size} pixels of '
            f'{message.encoding} with step {message.step}, which take {needed}'
        )
    return row


def _plain(message: Image, row: int) -> Image:
    """
    Return a message whose rows follow each other directly, and that is not big-endian.

    Not every cv_bridge looks at step, or can turn bytes round; in 8 bits there is nothing to turn.
    """
    strides = (message.step, 1)
    data = np.frombuffer(message.data, np.uint8)
    rows = np.lib.stride_tricks.as_strided(data, (message.height, row), strides, writeable=False)
    return Image(
        header=message.header,
        height=message.height,
        width=message.width,
        encoding=message.encoding,
        step=row,
        data=_bytes(rows),
    )


def _bytes(pixels: NDArray[np.uint8]) -> 'array[int]':
    """Return an array's bytes in the one type that a message takes over without a check."""
    data = array('B')
    data.frombytes(np.ascontiguousarray(pixels).data)
    return data
