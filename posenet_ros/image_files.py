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
        content = np.fromfile(path, np.uint8)
    except OSError as error:
        raise ImageError(f'cannot read {path}: {error.strerror}') from error
    try:
        image = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except (cv2.error, MemoryError) as error:
        raise ImageError(f'cannot read {path}: {error}') from error
    if image is None:
        raise ImageError(f'cannot read {path}: not an image, or a broken one')
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


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
