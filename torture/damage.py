"""Damaged data: bytes, image files and headers that claim sizes."""

import random
import struct
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

#: Formats of image files that OpenCV writes, and the node reads.
EXTENSIONS = ('.jpg', '.png', '.bmp', '.tiff', '.webp')

#: (height, width) that headers claim.
CLAIMED_SIZES = [
    (5900, 6000),  # less than max_image_pixels
    (8448, 8448),
    (20_000, 20_000),
    (60_000, 60_000),
    (65_500, 2),
    (1, 65_500),
]


def image_file(picture: NDArray[np.uint8], extension: str) -> bytes:
    """Return an image file of a picture, uint8 RGB [height, width, 3]."""
    encoded, content = cv2.imencode(extension, picture)
    assert encoded, extension
    return bytes(content.tobytes())


def damage(content: bytes, choice: random.Random) -> bytes:
    """Return bytes that were truncated, or of which some bits, bytes or parts were changed."""
    if not content:
        return content
    way = choice.randrange(5)
    at = choice.randrange(len(content))
    if way == 0:
        return content[:at]
    changed = bytearray(content)
    if way == 1:
        for _ in range(choice.randrange(1, 8)):
            changed[choice.randrange(len(changed))] ^= 1 << choice.randrange(8)
    elif way == 2:  # headers are short, and most interesting
        changed[choice.randrange(min(64, len(changed)))] = choice.choice([0, 1, 127, 128, 255])
    elif way == 3:
        changed[slice(at, at + 4)] = choice.choice([b'\xff' * 4, b'\0' * 4, b'\x7f\xff\xff\xff'])
    else:
        length = choice.randrange(1, 2000)
        changed[slice(at, at + length)] = choice.randbytes(choice.randrange(length + 1))
    return bytes(changed)


def jpeg_that_claims(picture: NDArray[np.uint8], height: int, width: int) -> bytes:
    """Return a JPEG of a picture whose header claims another size."""
    content = bytearray(image_file(picture, '.jpg'))
    # ITU-T T.81, B.2.2: the marker FFC0, the length, the precision, then height and width.
    at = content.index(b'\xff\xc0') + 5
    content[slice(at, at + 4)] = struct.pack('>HH', height, width)
    return bytes(content)


def png_that_claims(picture: NDArray[np.uint8], height: int, width: int) -> bytes:
    """Return a PNG of a picture whose header claims another size, with a correct checksum."""
    content = bytearray(image_file(picture, '.png'))
    content[16:24] = struct.pack('>II', width, height)
    content[29:33] = struct.pack('>I', zlib.crc32(content[12:29]))
    return bytes(content)


def png_with_wrong_lengths(picture: NDArray[np.uint8], choice: random.Random) -> bytes:
    """Return a PNG in which one chunk claims a wrong length."""
    content = bytearray(image_file(picture, '.png'))
    at = content.index(choice.choice([b'IHDR', b'IDAT', b'IEND'])) - 4
    content[at + choice.randrange(4)] ^= 1 << choice.randrange(8)
    return bytes(content)
