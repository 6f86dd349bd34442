"""The image that every part of the benchmark uses, in any size."""

import cv2
import numpy as np
from numpy.typing import NDArray
import skimage.data

from posenet_ros.framing.framing import Size

#: (height, width) of the images in the benchmark, by the name that its tables use.
SIZES: dict[str, Size] = {'640x480': (480, 640), '1920x1080': (1080, 1920)}


def picture(size: Size, people: int = 1) -> NDArray[np.uint8]:
    """
    Return an image of people side by side, uint8 RGB [height, width, 3].

    Each is scikit-image's astronaut, as the largest square that fits, centred on black.
    """
    height, width = size
    side = min(height, width // people)
    person = cv2.resize(skimage.data.astronaut(), (side, side), interpolation=cv2.INTER_AREA)
    top, left = (height - side) // 2, (width - people * side) // 2
    image = np.zeros((height, width, 3), np.uint8)
    image[top:, left:][:side, : people * side] = np.tile(person, (1, people, 1))
    return image
