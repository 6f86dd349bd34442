"""The frames of an image, a video or a webcam."""

from collections.abc import Iterator
import itertools
from pathlib import Path
import re
import sys

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.formats import find_format, START_BYTES
from posenet_ros.image_decoding.pixel_limit import check_pixel_count
from posenet_ros.image_files import image_file_errors, read_image
from posenet_ros.quoting import quoted
from posenet_ros.regular_files import expand_home, open_regular_file

# Webcams have small numbers; a larger number would not fit into OpenCV's type.
_MAX_DIGITS = 9
_SIDES = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)


def open_source(source: str, *, loop: bool, max_pixels: int) -> Iterator[NDArray[np.uint8]]:
    """
    Return the frames of a source, uint8 RGB [height, width, 3].

    The source is the path of a regular file, or the number or the device file of a webcam. An
    image is repeated forever; only a video without `loop` ends. Raises SettingError if the home
    folder in the path is not known. Raises ImageError if the source cannot be opened or its frames
    have more than `max_pixels` pixels, and during iteration if no frame can be read from a webcam
    or a video.
    """
    if source.isdecimal():
        return _webcam(source, max_pixels)
    if '://' in source:
        raise ImageError(f'cannot open {quoted(source)}: it is a URL; download the file first')
    path = expand_home(source)
    number = webcam_number(path)
    if number is not None:
        return _webcam(number, max_pixels)
    with image_file_errors(path), open_regular_file(path) as file:
        start = file.read(START_BYTES)
    if not start:
        raise ImageError(f'cannot open {path}: it is empty')
    if find_format(start):
        return itertools.repeat(read_image(path, max_pixels=max_pixels))
    capture = _open_video(path)
    _check_frames(capture, max_pixels)
    return _video(capture, path, loop=loop)


def webcam_number(path: Path) -> str | None:
    """Return the number of a webcam whose device file this is; None if it is another file."""
    device = re.fullmatch(r'/dev/video(\d+)', _real_path(path))
    return device[1] if device else None


def _real_path(path: Path) -> str:
    """Return a path without symbolic links, which udev creates for webcams."""
    try:
        return str(path.resolve())
    except (OSError, RuntimeError, ValueError):  # too long, a loop, or a null character
        return ''


def _webcam(number: str, max_pixels: int) -> Iterator[NDArray[np.uint8]]:
    capture = _open_webcam(number)
    _check_frames(capture, max_pixels)
    return _frames_until_unplugged(capture, number)


def _open_webcam(number: str) -> cv2.VideoCapture:
    if len(number) > _MAX_DIGITS:
        raise ImageError(
            f'cannot open webcam {quoted(number)}: the number has more than {_MAX_DIGITS} digits; '
            'the first webcam is 0'
        )
    device = f'/dev/video{int(number)}'
    # OpenCV would print warnings of its own.
    if sys.platform == 'linux' and not Path(device).exists():
        raise ImageError(
            f'cannot open webcam {number}: there is no {device}; to list all webcams, run: '
            'ls /dev/video*'
        )
    capture = cv2.VideoCapture(int(number))
    if not capture.isOpened():
        raise ImageError(
            f'cannot open webcam {number}: check that no other program uses it, that you are '
            f'allowed to read {device}, and that it is a camera'
        )
    return capture


def _open_video(path: Path) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise ImageError(f'cannot open {path}: it is neither an image nor a video; convert it')
    return capture


def _check_frames(capture: cv2.VideoCapture, max_pixels: int) -> None:
    """Raise ImageError if the frames are too large, before any of them is decoded."""
    width, height = (int(capture.get(side)) for side in _SIDES)
    check_pixel_count(width, height, max_pixels)


def _frames_until_unplugged(capture: cv2.VideoCapture, number: str) -> Iterator[NDArray[np.uint8]]:
    yield from _frames(capture)
    raise ImageError(f'webcam {number} stopped sending images: was it unplugged?')


def _video(capture: cv2.VideoCapture, path: Path, *, loop: bool) -> Iterator[NDArray[np.uint8]]:
    has_frames = False
    for frame in _frames(capture):
        has_frames = True
        yield frame
    if not has_frames:
        raise ImageError(f'{path} is a video, but none of its frames can be read')
    while loop:
        yield from _frames(_open_video(path))


def _frames(capture: cv2.VideoCapture) -> Iterator[NDArray[np.uint8]]:
    while True:
        read, frame = capture.read()
        if not read:
            return
        yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)
