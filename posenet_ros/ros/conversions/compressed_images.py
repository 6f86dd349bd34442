"""Conversion of compressed image messages to arrays and back."""

from array import array

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding import decode_image
from posenet_ros.quoting import quoted
from posenet_ros.settings import MAX_IMAGE_PIXELS

# The format that image_transport's plugin writes for rgb8 images; OpenCV encodes them from BGR.
_FORMAT = 'rgb8; jpeg compressed bgr8'

# JPEG_MAX_DIMENSION of libjpeg, in jmorecfg.h.
_MAX_SIDE = 65500


def compressed_to_rgb(
    message: CompressedImage, *, max_pixels: int = MAX_IMAGE_PIXELS
) -> NDArray[np.uint8]:
    """
    Return the pixels of a compressed image message, uint8 RGB [height, width, 3].

    The file format is detected from the first bytes of the data; the field `format` is ignored.
    JPEG, PNG and all other formats of `decode_image` are supported, grey or in colour, with 8 or
    16 bits. The EXIF orientation is ignored, because the camera's calibration applies to the
    pixels as they were sent. The array is read-only.

    Raises ImageError if the data are not an image, are broken or end early, or if the image has
    more than `max_pixels` pixels, which is checked before decoding. Damage in the middle of a JPEG
    is not detected; the pixels after it are wrong.
    """
    try:
        return decode_image(bytes(message.data), upright=False, max_pixels=max_pixels)
    except ImageError as error:
        # An image that is too large, for example, already has its own remedy.
        remedy = '' if '; ' in str(error) else '; publish complete JPEG or PNG images'
        raise ImageError(
            f'data has {len(message.data)} bytes, with format {quoted(message.format)}: '
            f'{error}{remedy}'
        ) from error


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
