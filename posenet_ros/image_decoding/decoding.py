"""The function that decodes an image."""

import re
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile, TiffImagePlugin

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.bounded_file import BoundedFile
from posenet_ros.image_decoding.exif import read_orientation, turn_upright
from posenet_ros.image_decoding.formats import find_format, FORMATS, ImageFormat
from posenet_ros.image_decoding.jpeg_segments import split_metadata
from posenet_ros.image_decoding.pixel_limit import check_pixel_count
from posenet_ros.image_decoding.pixel_values import to_rgb_array
from posenet_ros.image_decoding.webp_header import read_webp_size
from posenet_ros.quoting import shortened
from posenet_ros.settings import MAX_IMAGE_PIXELS

# The last chunk. Pillow does not miss it if all pixels are there.
_PNG_END = b'IEND\xaeB`\x82'
# Decoders that Pillow implements in Python: they take a second or more for a million pixels.
_SLOW_DECODERS = {'bmp_rle', 'ppm', 'ppm_plain'}
_TIFF_TILE_WIDTH, _TIFF_TILE_LENGTH = 322, 323
# The header of a PNM whose values use the full range of their bits, or are bits (P4).
_GAP = rb'(?:\s|#[^\n]*\n)+'
_FULL_RANGE = re.compile(
    rb'P4|P[56]' + _GAP + rb'\d+' + _GAP + rb'\d+' + _GAP + rb'(?:255|65535)\s'
)


def decode_image(
    content: bytes, *, upright: bool = True, max_pixels: int = MAX_IMAGE_PIXELS
) -> NDArray[np.uint8]:
    """
    Return the pixels of an encoded image, uint8 RGB [height, width, 3]; the array is read-only.

    `content` is a whole image file: JPEG, PNG, WebP, BMP, TIFF, or binary PNM, of which the first
    frame is decoded. 16-bit values are reduced to their high byte, and alpha is dropped. With
    `upright`, the image is rotated according to its EXIF orientation; a TIFF may be rotated in
    any case.

    Raises ImageError if it is not an image, if it is broken or ends early, if it has more than
    `max_pixels` pixels, or if decoding it would take too much time or memory. The size is checked
    before any pixel is decoded.
    """
    if not content:
        raise ImageError('not an image: it is empty')
    found = find_format(content)
    if found is None:
        names = ', '.join(one.name for one in FORMATS)
        raise ImageError(f'not an image in a supported format ({names}), or a broken one')
    try:
        return _decode(content, found, upright, max_pixels)
    except (ImageError, MemoryError) as error:
        raise ImageError(str(error) or 'there is not enough memory to decode it') from error
    except Exception as error:  # Pillow raises all kinds of exceptions for broken files
        reason = shortened(f'{found.name}: {error}')
        raise ImageError(f'not an image, or a broken one ({reason})') from error


def _decode(
    content: bytes, found: ImageFormat, upright: bool, max_pixels: int
) -> NDArray[np.uint8]:
    exif = b''
    if found.name == 'JPEG':
        jpeg = split_metadata(content)
        content, exif = jpeg.pixels, jpeg.exif
    elif found.name == 'PNG' and _PNG_END not in content:
        raise ImageError(f'the PNG ends early, after {len(content)} bytes')
    elif found.name == 'PNM' and not _FULL_RANGE.match(content):
        # Before 9.1, Pillow decodes it without scaling its values, so that it is too dark.
        _refuse_as_slow(found.name)
    elif found.name == 'WebP':
        check_pixel_count(*read_webp_size(content), max_pixels)
    file = BoundedFile(content, found.max_header_bytes)
    with found.reader(file) as image:
        _check(image, max_pixels)
        file.allow(2 * len(content))
        image.load()
        orientation = read_orientation(exif or image.info.get('exif', b'')) if upright else 1
        pixels = to_rgb_array(image)
    pixels = pixels if orientation == 1 else turn_upright(pixels, orientation)
    pixels.flags.writeable = False  # also where it would be: callers should not depend on the file
    return pixels


def _check(image: ImageFile.ImageFile, max_pixels: int) -> None:
    """Raise ImageError if decoding an image would take too much time or memory."""
    check_pixel_count(*image.size, max_pixels)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        width, height = (image.tag_v2.get(tag, 1) for tag in (_TIFF_TILE_WIDTH, _TIFF_TILE_LENGTH))
        check_pixel_count(width, height, max_pixels)
    if any(tile[0] in _SLOW_DECODERS for tile in image.tile):
        _refuse_as_slow(str(image.format))


def _refuse_as_slow(name: str) -> NoReturn:
    raise ImageError(f'this kind of {name} would take too long to decode; convert it to PNG')
