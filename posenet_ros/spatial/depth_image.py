"""
A depth image: for each pixel, how far away what it shows is, along the optical axis.

Nothing is converted but the pixels that are asked for: converting all of them takes more time than
everything else here.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import DepthError
from posenet_ros.framing.framing import Size

Pixels = NDArray[np.float64] | NDArray[np.float32]

# Millimetres of 16 bits: 0 is unknown (REP 118), and so is the largest number, at which cameras
# stop counting. Metres have the same range: what is nearer or farther is no depth of a person, and
# squares of larger numbers would overflow.
_MAX_MILLIMETRES = 65535
_MIN_METRES, _MAX_METRES = 0.001, 65.535
# The aspects of the two images are the same if their sizes, scaled to each other, differ by at
# most this many pixels: sizes are whole numbers.
_ROUNDING = 1.0


@dataclass(frozen=True, eq=False)
class DepthImage:
    """
    The depth of the pixels of an image, which the depth image must be registered to.

    Create one with :func:`depth_image`.
    """

    #: Row by row, uint16 in millimetres or float32 in metres, in any byte order.
    values: NDArray[np.uint16] | NDArray[np.float32]
    #: (height, width) of the depth image, and of the image, in pixels.
    size: Size
    image_size: Size

    def at(self, pixels: Pixels) -> NDArray[np.float32]:
        """
        Return depths in metres, float32 [...], at pixels (x, y) of the image, floats [2, ...].

        A depth is NaN where it is not known, or outside the image.
        """
        lengths, scales = _scaling(self.size, self.image_size)
        places = pixels.reshape(2, -1) * scales
        places += 0.5 * scales
        inside = places >= 0  # not if it is NaN
        inside &= places < lengths
        known: NDArray[np.bool_] = inside[0] & inside[1]
        # Other places become the first one: what is there is not used.
        columns, rows = np.where(known, places, 0).astype(np.int64)
        rows *= self.size[1]
        rows += columns
        found = self.values.take(rows)
        if found.dtype.kind == 'u':
            known &= found > 0
            known &= found < _MAX_MILLIMETRES
            metres = found * np.float32(0.001)
        else:
            known &= found >= _MIN_METRES
            known &= found < _MAX_METRES
            metres = found.astype(np.float32)
        return np.where(known, metres, np.float32(np.nan)).reshape(pixels.shape[1:])


@lru_cache(maxsize=64)
def _scaling(size: Size, image_size: Size) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (width, height), and pixels for each pixel of the image, across and down; [2, 1]."""
    lengths = np.array(size[::-1], np.float32)[:, np.newaxis]
    return lengths, lengths / np.array(image_size[::-1], np.float32)[:, np.newaxis]


def depth_image(values: NDArray[np.uint16] | NDArray[np.float32], image_size: Size) -> DepthImage:
    """
    Return a depth image for an image of (height, width).

    `values` is [height, width], as in sensor_msgs/Image: 16UC1 has millimetres, of which 0 and
    65535 are unknown, and 32FC1 has metres, of which NaN and all below 0.001 or from 65.535 up are
    unknown. It may have another resolution than the image, in the same aspect; then it is scaled.

    Raises DepthError if the values are of another kind, or if the aspect is another one: then the
    depth image is not registered to the image.
    """
    if values.ndim != 2 or (values.dtype.kind, values.dtype.itemsize) not in (('u', 2), ('f', 4)):
        raise DepthError(
            f'the depth image has values of {values.dtype} {list(values.shape)}; expected uint16 '
            '(16UC1, millimetres) or float32 (32FC1, metres), [height, width]'
        )
    (height, width), (image_height, image_width) = values.shape, image_size
    if not values.size or not _same_aspect((height, width), image_size):
        raise DepthError(
            f'the depth image is {width} x {height} pixels, which is not the aspect of the image '
            f'of {image_width} x {image_height}; subscribe to depth registered to the image'
        )
    return DepthImage(values.reshape(-1), (height, width), image_size)


def _same_aspect(depth_size: Size, image_size: Size) -> bool:
    (height, width), (image_height, image_width) = depth_size, image_size
    return (
        min(
            abs(height - width * image_height / image_width),
            abs(width - height * image_width / image_height),
        )
        <= _ROUNDING
    )
