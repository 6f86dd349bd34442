"""Made images of people who walk: pictures of people that move across a background."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray
import skimage.data

# In pixels: the side of the square picture of a person, and the (height, width) of the image.
_SIDE, _HEIGHT, _WIDTH = 128, 140, 480
# Seconds until people are back where they started.
_PERIOD = 10.0


def people_at(seconds: float, *, count: int) -> tuple[NDArray[np.uint8], list[float]]:
    """
    Return an image at a time, uint8 RGB [height, width, 3], and the x of each person's nose.

    The people walk in a line, to the right and back. One comes to where the other was.
    """
    picture = cv2.resize(
        np.asarray(skimage.data.astronaut(), np.uint8),
        (_SIDE, _SIDE),
        interpolation=cv2.INTER_AREA,
    )
    image = np.full((_HEIGHT, _WIDTH, 3), 120, np.uint8)
    way = (1 - math.cos(2 * math.pi * seconds / _PERIOD)) / 2
    first = round(way * (_WIDTH - count * _SIDE))
    lefts = [first + number * _SIDE for number in range(count)]
    for left in lefts:
        right = left + _SIDE
        image[-_SIDE:, left:right] = picture
    return image, [left + 0.435 * _SIDE for left in lefts]
