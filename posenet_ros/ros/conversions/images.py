"""Conversion of image messages to arrays and back."""

from array import array

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.messages.raw_images import check_raw_image, raw_to_rgb
from posenet_ros.settings import MAX_IMAGE_PIXELS

try:
    from cv_bridge import CvBridge
except ModuleNotFoundError:
    # Distributions have it. The one for pip does not support the NumPy of Python 3.14.
    CvBridge = None

# The encodings that every version of cv_bridge converts correctly if rows have no padding. Some
# versions ignore `step`, cannot swap bytes, or do not support other encodings.
_BRIDGED = frozenset({'rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8'})

_BRIDGE = CvBridge() if CvBridge else None


def to_rgb(message: Image, *, max_pixels: int = MAX_IMAGE_PIXELS) -> NDArray[np.uint8]:
    """
    Return the pixels of an image message, uint8 RGB [height, width, 3].

    cv_bridge converts the common encodings if it is there, and `raw_to_rgb` all others, with the
    same pixels. The array of an rgb8 image without padding shares the memory of the message.
    Raises what `check_raw_image` raises.
    """
    if _BRIDGE is None or message.encoding not in _BRIDGED or message.is_bigendian:
        return raw_to_rgb(message, max_pixels=max_pixels)
    encoding = check_raw_image(message, max_pixels=max_pixels)
    if message.step != encoding.row_bytes(message.width):
        return raw_to_rgb(message, max_pixels=max_pixels)
    # The cv_bridge of some distributions copies the pixels unless asked for passthrough.
    wanted = 'passthrough' if message.encoding == 'rgb8' else 'rgb8'
    return np.asarray(_BRIDGE.imgmsg_to_cv2(message, wanted), np.uint8)


def to_image(pixels: NDArray[np.uint8], header: Header) -> Image:
    """Return uint8 RGB pixels [height, width, 3] as an rgb8 message."""
    height, width, channels = pixels.shape
    # For any other type, the message would check every element.
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
