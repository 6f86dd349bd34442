"""Images on disk."""

from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError


def read_image(path: Path) -> NDArray[np.uint8]:
    """
    Return an image file's pixels, uint8 RGB [height, width, 3], turned as its EXIF says.

    Raises ImageError when there is no such file, or when it is not an image.
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

    `content` is the whole of an image file, of any format that OpenCV knows. 16-bit values lose
    their low byte, alpha is dropped. `upright` turns the image as its EXIF says.

    Raises ImageError when it is not an image, or a broken one, or a JPEG that ends early.
    """
    if not content:
        raise ImageError('not an image, there are no bytes')
    if _ends_early(content):
        raise ImageError(f'the JPEG ends early, after {len(content)} bytes')
    turn = 0 if upright else cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR | turn)
    except (cv2.error, MemoryError) as error:
        raise ImageError(str(error)) from error
    if image is None:
        raise ImageError('not an image, or a broken one')
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _ends_early(content: bytes) -> bool:
    """
    Tell whether a JPEG has no end marker behind the start of its pixels.

    OpenCV up to 4.10 makes an image of it that is grey from where it ends.
    """
    is_jpeg = content.startswith(b'\xff\xd8')
    return is_jpeg and content.rfind(b'\xff\xd9') < content.find(b'\xff\xda')


def write_png(path: Path, image: NDArray[np.uint8]) -> None:
    """
    Write an image, uint8 RGB [height, width, 3]; the file appears whole or not at all.

    Raises ImageError when it cannot be written.
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
