"""Where the four neighbours of each sample lie in the image."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Framing

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The neighbours of samples on one side of them, along one axis, if they are in the image."""

    #: Which samples have a neighbour in the image.
    samples: slice
    #: The row or column of the image of each of these neighbours, in ascending order.
    pixels: Indices


@dataclass(frozen=True, eq=False)
class Places:
    """Where the samples of a framing lie in the image."""

    #: float32 [height] and [width]: where samples lie between their neighbours, 0 to 1.
    row_fractions: NDArray[np.float32]
    column_fractions: NDArray[np.float32]
    #: Above the samples, and below them.
    rows: tuple[Neighbours, Neighbours]
    #: On the left of the samples, and on their right.
    columns: tuple[Neighbours, Neighbours]


def find_places(framing: Framing) -> Places:
    """Return where the samples of a framing lie; those of a whole image are kept for later."""
    # Framings of whole images repeat; those of regions do not.
    return _new_places(framing) if framing.is_region else _kept_places(framing)


@lru_cache(maxsize=4)
def _kept_places(framing: Framing) -> Places:
    return _new_places(framing)


def _new_places(framing: Framing) -> Places:
    window, (height, width) = framing.window, framing.input_size
    image_height, image_width = framing.image_size
    rows, row_fractions = _axis(window.top, window.height, height, image_height)
    columns, column_fractions = _axis(window.left, window.width, width, image_width)
    return Places(row_fractions, column_fractions, rows, columns)


def _axis(
    start: int, length: int, samples: int, image_side: int
) -> tuple[tuple[Neighbours, Neighbours], NDArray[np.float32]]:
    """Return the neighbours before and after each sample along one axis, and the fractions."""
    place = np.arange(samples) * (length / samples)
    before = place.astype(np.intp)
    fractions = (place - before).astype(np.float32)
    before += start
    after = np.minimum(before + 1, start + length - 1)
    return (_in_image(before, image_side), _in_image(after, image_side)), fractions


def _in_image(pixels: Indices, image_side: int) -> Neighbours:
    """Return those of ascending rows or columns, one for each sample, that the image has."""
    first, end = pixels.searchsorted([0, image_side]).tolist()
    return Neighbours(slice(first, end), pixels[first:end])
