"""
Picking of the neighbours of samples from an image, as bytes.

There are two ways. cv2.remap picks with a map of all neighbours: the time depends on the network
input only, but creating the map takes a third of it. From strips of the image, NumPy picks columns
of pixels: the time depends on the window, too. Framings of whole images repeat, so their maps are
kept, unless they are too large. For regions, whose maps would be used only once, strips take 0.7
times the time.
"""

from collections.abc import Sequence
from functools import lru_cache
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Framing
from posenet_ros.framing.neighbours import find_places, Indices, Neighbours, Places

# cv2.remap accepts only images and results whose sides are shorter.
_MAX_SIDE = 32767
# The second map of cv2.remap, for the fractions of pixels.
_NO_MAP = np.empty(0, np.uint16)
# Maps of larger network inputs are not kept: they take 16 bytes for each pixel.
_MAX_KEPT_PIXELS = 2**20
# A strip has about this many pixels, with 4 bytes each: it should fit into the processor's cache.
_STRIP_PIXELS = 2**16

Map = NDArray[np.int16]


def pick_neighbours(
    image: NDArray[np.uint8], framing: Framing, places: Places, targets: NDArray[np.uint8]
) -> None:
    """
    Copy the four neighbours of each sample to uint8 [4, height, width, 3]; outside, it is black.

    `places` are those of the framing of the image.
    """
    sides = [(rows, columns) for rows in places.rows for columns in places.columns]
    inside = [
        target[rows.samples, columns.samples]
        for target, (rows, columns) in zip(targets, sides, strict=True)
    ]
    if sum(part.size for part in inside) < targets.size:
        targets.fill(0)
    maps = None if framing.is_region else _kept_maps(framing)
    if maps is None:
        for rows, parts in zip(places.rows, (inside[:2], inside[2:]), strict=True):
            _pick_from_strips(image, rows.pixels, places.columns, parts)
        return
    for one, part in zip(maps, inside, strict=True):
        if part.size:
            cv2.remap(image, one, _NO_MAP, cv2.INTER_NEAREST, part)


@lru_cache(maxsize=4)
def _kept_maps(framing: Framing) -> list[Map] | None:
    """Return the maps of cv2.remap for the four neighbours; None if they are too large."""
    is_large = math.prod(framing.input_size) > _MAX_KEPT_PIXELS
    if is_large or max(*framing.image_size, *framing.input_size) >= _MAX_SIDE:
        return None
    places = find_places(framing)
    return [_map(row.pixels, column.pixels) for row in places.rows for column in places.columns]


def _map(rows: Indices, columns: Indices) -> Map:
    """Return the map of cv2.remap that picks these rows and columns, [rows, columns, (x, y)]."""
    # To write x and y as one integer takes half the time.
    pairs = (rows.astype(np.int32)[:, np.newaxis] << 16) | columns.astype(np.int32)
    return pairs.view(np.int16).reshape(*pairs.shape, 2)


def _pick_from_strips(
    image: NDArray[np.uint8],
    rows: Indices,
    sides: tuple[Neighbours, Neighbours],
    targets: Sequence[NDArray[np.uint8]],
) -> None:
    """
    Copy rows at the columns on the left, and at those on the right, to two targets.

    A strip is some of the rows, with 4 bytes for each pixel. NumPy picks these several times
    faster than pixels of 3 bytes.
    """
    columns = np.concatenate([side.pixels for side in sides])
    if not columns.size:
        return
    first = int(np.minimum.reduce(columns))
    end = int(np.maximum.reduce(columns)) + 1
    columns -= first
    middle = len(sides[0].pixels)
    step = max(_STRIP_PIXELS // max(end - first, len(columns)), 1)
    for start in range(0, len(rows), step):
        block = slice(start, start + step)
        strip = cv2.cvtColor(image[rows[block], first:end], cv2.COLOR_RGB2RGBA)
        picked = strip.view(np.int32)[..., 0].take(columns, axis=1)
        pixels = picked.view(np.uint8).reshape(*picked.shape, 4)
        for target, part in zip(targets, (pixels[:, :middle], pixels[:, middle:]), strict=True):
            if part.size:
                cv2.cvtColor(part, cv2.COLOR_RGBA2RGB, target[block])
