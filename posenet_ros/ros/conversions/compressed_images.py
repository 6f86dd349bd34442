"""Between compressed image messages and arrays."""

from array import array

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from posenet_ros.errors import ImageError
from posenet_ros.image_files import decode_image

# As image_transport's plugin writes it for rgb8 images, which OpenCV encodes from BGR.
_FORMAT = 'rgb8; jpeg compressed bgr8'

# Of libjpeg: JPEG_MAX_DIMENSION in jmorecfg.h.
_LONGEST_SIDE = 65500


def compressed_to_rgb(message: CompressedImage) -> NDArray[np.uint8]:
    """
    Return the pixels of a compressed image message, uint8 RGB [height, width, 3].

    What the data are is seen from their first bytes, whatever `format` says: JPEG, PNG and what
    else OpenCV reads, grey or in colour, of 8 or 16 bits. They are not turned as EXIF says: the
    camera's calibration is for the pixels as they were sent.

    Raises ImageError when the data are not an image, or a broken one, or end early. A JPEG that
    is damaged inside cannot be told from a whole one, and has wrong pixels from there on.
    """
    try:
        return decode_image(bytes(message.data), upright=False)
    except ImageError as error:
        raise ImageError(
            f'data of {len(message.data)} bytes, with format {message.format!r}: {error}, '
            'publish whole JPEG or PNG images'
        ) from error


def to_compressed(pixels: NDArray[np.uint8], header: Header, quality: int) -> CompressedImage:
    """
    Return a JPEG message of uint8 RGB pixels [height, width, 3].

    `quality` is JPEG's, from 1 to 100. Raises ImageError for an image too large for JPEG.
    """
    height, width = pixels.shape[:2]
    if max(height, width) > _LONGEST_SIDE:
        raise ImageError(
            f'width x height is {width}x{height}: a JPEG has at most {_LONGEST_SIDE} pixels on a '
            'side, resize the image'
        )
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, content = cv2.imencode('.jpg', bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return CompressedImage(header=header, format=_FORMAT, data=array('B', content.tobytes()))
