"""Images for the flood: good ones of every kind, and broken ones."""

from array import array
import random
from typing import Any

import cv2
from made_images import encoded, ENCODERS
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

# Sizes that every encoding allows, the largest first, so that memory is allocated at the start.
SIZES = [(480, 640), (64, 64), (120, 200), (300, 100), (256, 320)]

# After this many good images, every size and every encoding has occurred.
ALL_KINDS = max(len(SIZES), len(ENCODERS))

#: The stamp of all broken images, which no poses may have.
BROKEN = 1

_BREAKAGES: dict[str, list[Any]] = {
    'encoding': ['rgb9', '', 'bgr8 ', 'jpeg'],
    'step': [0, 1, 7],
    'width': [0, 4_000_000_000],
    'height': [0, 4_000_000_000],
}


def good(picture: NDArray[np.uint8], number: int) -> Image:
    """Return a good image, of a size and an encoding that change from one to the next."""
    encoding = list(ENCODERS)[number % len(ENCODERS)]
    message = encoded(encoding, _part(picture, number), padding=2 * (number % 4))
    message.header = _numbered(number)
    return message


def broken(picture: NDArray[np.uint8], choice: random.Random) -> Image:
    """Return an image with one inconsistent field, or with missing data."""
    message = encoded('bgr8', picture[:64, :64])
    message.header.stamp.nanosec = BROKEN
    field = choice.choice([*_BREAKAGES, 'data'])
    if field == 'data':
        message.data = message.data[: choice.randrange(64 * 63 * 3)]
    else:
        setattr(message, field, choice.choice(_BREAKAGES[field]))
    return message


def good_compressed(picture: NDArray[np.uint8], number: int) -> CompressedImage:
    """Return a good image, JPEG or PNG, in colour or grey, of 8 or 16 bits."""
    pixels = _part(picture, number)
    kind = number % 4
    if kind == 0:
        content = _compressed('.png', pixels.astype(np.uint16) * 257)
    elif kind == 1:
        content = _compressed('.png', pixels)
    else:
        content = _compressed('.jpg', pixels if kind == 2 else pixels[..., 0])
    return CompressedImage(
        header=_numbered(number), format='png' if kind < 2 else 'jpeg', data=array('B', content)
    )


def broken_compressed(picture: NDArray[np.uint8], choice: random.Random) -> CompressedImage:
    """Return data that are not an image: truncated, with garbage at the start, or empty."""
    content = _compressed(choice.choice(['.jpg', '.png']), picture[:64, :64])
    damaged = [
        content[: choice.randrange(len(content) - 16)],
        choice.randbytes(2).replace(b'\xff', b'\0') + content[2:],
        choice.randbytes(choice.randrange(2000)).replace(b'\xff', b'\0'),
    ]
    message = CompressedImage(format='jpeg', data=array('B', choice.choice(damaged)))
    message.header.stamp.nanosec = BROKEN
    return message


def _part(picture: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
    height, width = SIZES[number % len(SIZES)]
    return picture[:height, :width]


def _numbered(number: int) -> Header:
    header = Header(frame_id='lens')
    header.stamp.sec = number
    return header


def _compressed(extension: str, pixels: NDArray[Any]) -> bytes:
    return bytes(cv2.imencode(extension, pixels)[1].tobytes())
