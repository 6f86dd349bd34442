"""Reading and writing image files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding import decode_image
from posenet_ros.quoting import quoted
from posenet_ros.regular_files import read_regular_file, write_whole_file
from posenet_ros.settings import MAX_IMAGE_PIXELS

__all__ = ['image_file_errors', 'read_image', 'write_png']

_MAX_FILE_BYTES = 512 * 2**20


@contextmanager
def image_file_errors(path: Path) -> Iterator[None]:
    """Raise ImageError for an OSError in the block, which reads an image or a video."""
    try:
        yield
    except OSError as error:
        name = quoted(str(path)) if '\0' in str(path) else path
        raise ImageError(f'cannot open {name}: {error.strerror or error}') from error


def read_image(path: Path, *, max_pixels: int = MAX_IMAGE_PIXELS) -> NDArray[np.uint8]:
    """
    Return the pixels of an image file, uint8 RGB [height, width, 3]; the array is read-only.

    The image is rotated according to its EXIF orientation. Raises ImageError if the file cannot be
    read, is not a regular file, has more than 512 MB, or is not an image, and if the image has
    more than `max_pixels` pixels.
    """
    with image_file_errors(path):
        content = read_regular_file(path, max_bytes=_MAX_FILE_BYTES)
    try:
        return decode_image(content, max_pixels=max_pixels)
    except ImageError as error:
        raise ImageError(f'cannot read {path}: {error}') from error


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """
    Write an image, uint8 RGB [height, width, 3], to a file.

    The file is complete, or is unchanged if this fails. Raises ImageError if it cannot be written.
    """
    _, content = cv2.imencode('.png', cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    try:
        write_whole_file(path, content.tobytes())
    except OSError as error:
        raise ImageError(f'cannot write {path}: {error.strerror}') from error
