"""Conversion of Pillow's images to RGB arrays."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from posenet_ros.errors import ImageError

# Pillow converts these to RGB as we want it: without alpha.
_CONVERTED = {'1', 'P', 'PA', 'LA', 'RGBA', 'RGBX', 'CMYK', 'YCbCr'}
# Pillow before 11.3 reads grey images of 16 bits in these formats as 32-bit integers.
_GREY_16_BITS = {'PNG', 'PPM'}


def to_rgb_array(image: Image.Image) -> NDArray[np.uint8]:
    """
    Return the pixels of a loaded image, uint8 RGB [height, width, 3]; the array is read-only.

    16-bit values are reduced to their high byte. Raises ImageError if the image has larger values
    or another colour space.
    """
    mode = image.mode
    if mode == 'RGB':
        return np.asarray(image)
    if mode == 'L':
        return np.asarray(cv2.cvtColor(np.asarray(image), cv2.COLOR_GRAY2RGB), np.uint8)
    if mode.startswith('I;16') or (mode == 'I' and image.format in _GREY_16_BITS):
        high = (np.asarray(image) >> 8).astype(np.uint8)
        return np.asarray(cv2.cvtColor(high, cv2.COLOR_GRAY2RGB), np.uint8)
    if mode not in _CONVERTED:
        raise ImageError(
            f'its values ({mode}) are not supported; convert it to grey or RGB with 8 or 16 bits'
        )
    image.info.pop('transparency', None)  # which Pillow would convert, too
    return np.asarray(image.convert('RGB'))
