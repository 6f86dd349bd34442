"""The pixels of compressed image messages."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding import decode_image
from posenet_ros.messages.message_types import CompressedImage
from posenet_ros.quoting import quoted
from posenet_ros.settings import MAX_IMAGE_PIXELS


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
