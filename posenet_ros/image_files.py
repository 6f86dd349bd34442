"""Reading and writing image files."""

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError

__all__ = ['decode_image', 'read_image', 'write_png']


def read_image(path: Path) -> NDArray[np.uint8]:
    """
    Return the pixels of an image file, uint8 RGB [height, width, 3].

    The image is rotated according to its EXIF orientation. Raises ImageError if the file cannot be
    read or is not an image.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f'cannot read {path}: {error.strerror}') from error
    try:
        return decode_image(content)
    except ImageError as error:
        raise ImageError(f'cannot read {path}: {error}') from error


def decode_image(content: bytes, *, upright: bool = True) -> NDArray[np.uint8]:
    """
    Return the pixels of an encoded image, uint8 RGB [height, width, 3].

    `content` is a whole image file in any format that OpenCV can read. 16-bit values are reduced
    to their high byte, and alpha is dropped. With `upright`, the image is rotated according to its
    EXIF orientation.

    Raises ImageError if it is not an image, if it is broken, or if it is a truncated JPEG.
    """
    if not content:
        raise ImageError('not an image: it is empty')
    if _ends_early(content):
        raise ImageError(f'the JPEG ends early, after {len(content)} bytes')
    rotation = 0 if upright else cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR | rotation)
    except (cv2.error, MemoryError) as error:
        raise ImageError(str(error)) from error
    if image is None:
        raise ImageError('not an image, or a broken one')
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _ends_early(content: bytes) -> bool:
    """
    Return whether a JPEG has no end marker after the start of its pixels.

    OpenCV up to 4.10 decodes such a file and fills the missing part with grey.
    """
    is_jpeg = content.startswith(b'\xff\xd8')
    return is_jpeg and content.rfind(b'\xff\xd9') < content.find(b'\xff\xda')


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """
    Write an image, uint8 RGB [height, width, 3], to a file.

    The file is either complete or does not exist. Raises ImageError if it cannot be written.
    """
    _, content = cv2.imencode('.png', cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    unfinished = path.with_name(f'.{path.name}.part')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content.tobytes())
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise ImageError(f'cannot write {path}: {error.strerror}') from error
