"""Conversion of arrays to compressed image messages, as JPEG."""

from array import array

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from posenet_ros.errors import ImageError

# The format that image_transport's plugin writes for rgb8 images; OpenCV encodes them from BGR.
_FORMAT = 'rgb8; jpeg compressed bgr8'

# JPEG_MAX_DIMENSION of libjpeg, in jmorecfg.h.
_MAX_SIDE = 65500


def to_compressed(pixels: NDArray[np.uint8], header: Header, quality: int) -> CompressedImage:
    """
    Return uint8 RGB pixels [height, width, 3] as a JPEG message.

    `quality` is the JPEG quality, 1 to 100. Raises ImageError if the image is too large for JPEG.
    """
    height, width = pixels.shape[:2]
    if max(height, width) > _MAX_SIDE:
        raise ImageError(
            f'width x height is {width}x{height}: a JPEG can have at most {_MAX_SIDE} pixels on '
            'each side; resize the image'
        )
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, content = cv2.imencode('.jpg', bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return CompressedImage(header=header, format=_FORMAT, data=array('B', content.tobytes()))
