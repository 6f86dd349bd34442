"""PNG files whose values are numbers, such as depth, and not colours."""

import numpy as np
from numpy.typing import NDArray
from PIL import PngImagePlugin

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.bounded_file import BoundedFile
from posenet_ros.image_decoding.formats import find_format
from posenet_ros.image_decoding.pixel_limit import check_pixel_count
from posenet_ros.quoting import shortened
from posenet_ros.settings import MAX_IMAGE_PIXELS


def decode_png_values(content: bytes, *, max_pixels: int = MAX_IMAGE_PIXELS) -> NDArray[np.uint16]:
    """
    Return the values of a grey PNG with 16 bits, uint16 [height, width].

    Raises ImageError if it is another file, if it is broken or ends early, or if it has more than
    `max_pixels` pixels, which is checked before any value is decoded.
    """
    found = find_format(content)
    if found is None or found.name != 'PNG':
        raise ImageError('not a PNG')
    try:
        file = BoundedFile(content, found.max_header_bytes)
        with PngImagePlugin.PngImageFile(file) as image:
            width, height = image.size
            check_pixel_count(width, height, max_pixels)
            # Pillow before 11.3 reads grey values of 16 bits as 32-bit integers.
            if not image.mode.startswith('I'):
                raise ImageError(f'the PNG has {image.mode} values, not grey with 16 bits')
            file.allow(2 * len(content))
            return np.asarray(image).astype(np.uint16)
    except (ImageError, MemoryError) as error:
        raise ImageError(str(error) or 'there is not enough memory to decode it') from error
    except Exception as error:  # Pillow raises all kinds of exceptions for broken files
        raise ImageError(f'a broken PNG ({shortened(str(error))})') from error
