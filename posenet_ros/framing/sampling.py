"""
Sampling of images: what it costs depends on the network input, not on the image.

A pixel of the network input lies between four pixels of the image, its neighbours. This module
picks them, as bytes. The graph of the network blends them by the fractions, in float32.

The samples are those of the reference, resizeBilinear of TensorFlow.js on the padded image: pixel
d is at d * scale, without a shift by half a pixel. At the last row and column of the window, a
neighbour that would lie beyond the window is the last row or column itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product, repeat
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.framing.framing import Framing

# cv2.remap accepts only images and results whose sides are shorter. For others, NumPy picks the
# neighbours, which takes ten times as long.
_MAX_SIDE = 32767
# The second map of cv2.remap, for the fractions of pixels.
_NO_MAP = np.empty(0, np.uint16)

# What a GPU needs (`inference.graph.ALIGNMENT`), in bytes.
_ALIGNMENT = 256

# Maps of larger network inputs are not kept: they take 16 bytes for each pixel.
_MAX_KEPT_PIXELS = 2**20

Indices = NDArray[np.int32]
Map = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Samples:
    """The samples of N images for a network input of height x width, before they are blended."""

    #: uint8 RGB [4, N, height, width, 3]: the neighbours at the top left, top right, bottom left
    #: and bottom right of each sample.
    neighbours: NDArray[np.uint8]
    #: float32 [N, height, 1, 1]: where a row of samples lies between its neighbours, 0 to 1.
    row_fractions: NDArray[np.float32]
    #: float32 [N, 1, width, 3]: the same for columns, repeated for each channel.
    column_fractions: NDArray[np.float32]


def sample_images(images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing]) -> Samples:
    """
    Sample images, uint8 RGB [height, width, 3], each in its framing.

    Raises ImageError if an image has another dtype or another size than its framing, or if the
    framings have different input sizes.
    """
    _check(images, framings)
    count, (height, width) = len(images), framings[0].input_size
    samples = _allocate(count, height, width)
    for number, (image, framing) in enumerate(zip(images, framings, strict=True)):
        places = _places(framing)
        samples.row_fractions[number, :, 0, 0] = places.row_fractions
        samples.column_fractions[number, 0] = places.column_fractions[:, np.newaxis]
        _pick(image, places, samples.neighbours[:, number])
    return samples


def _allocate(count: int, height: int, width: int) -> Samples:
    """
    Return samples without values, all in one array of bytes, so that one copy moves them to a GPU.

    Each of the four neighbours and of the fractions starts at a multiple of `_ALIGNMENT`.
    """
    row = 3 * width
    image = row * height
    step = _aligned(image * count)
    columns = 4 * step + _aligned(4 * height * count)
    memory = np.empty(columns + _aligned(4 * row * count), np.uint8)
    strides = (step, image, row, 3, 1)
    return Samples(
        np.ndarray((4, count, height, width, 3), np.uint8, memory, 0, strides),
        np.ndarray((count, height, 1, 1), np.float32, memory, 4 * step),
        np.ndarray((count, 1, width, 3), np.float32, memory, columns),
    )


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _check(images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing]) -> None:
    for image, framing in zip(images, framings, strict=True):
        if image.shape != (*framing.image_size, 3) or image.dtype != np.uint8:
            raise ImageError(
                f'expected an image of uint8 {[*framing.image_size, 3]}, '
                f'got {image.dtype} {list(image.shape)}'
            )
    sizes = [framing.input_size for framing in framings]
    if len(set(sizes)) > 1:
        raise ImageError(
            'images in one run must have the same input size (height x width), got '
            f'{", ".join(f"{height}x{width}" for height, width in sizes)}'
        )


@dataclass(frozen=True, eq=False)
class _Neighbours:
    """The neighbours of samples on one side of them, along one axis, if they are in the image."""

    #: Which samples have a neighbour in the image.
    samples: slice
    #: The row or column of the image of each of these neighbours.
    pixels: Indices


@dataclass(frozen=True, eq=False)
class _Places:
    """Where the samples of a framing lie in the image."""

    #: float32 [height] and [width]
    row_fractions: NDArray[np.float32]
    column_fractions: NDArray[np.float32]
    #: The rows and columns of each of the four neighbours.
    neighbours: list[tuple[_Neighbours, _Neighbours]]
    #: The same as maps for cv2.remap; None if it cannot be used.
    maps: Iterable[Map] | None


def _places(framing: Framing) -> _Places:
    # Framings of whole images repeat; those of regions do not.
    is_kept = not framing.is_region and math.prod(framing.input_size) <= _MAX_KEPT_PIXELS
    return _kept_places(framing) if is_kept else _new_places(framing)


@lru_cache(maxsize=4)
def _kept_places(framing: Framing) -> _Places:
    places = _new_places(framing)
    return replace(places, maps=None if places.maps is None else list(places.maps))


def _new_places(framing: Framing) -> _Places:
    window, (height, width) = framing.window, framing.input_size
    image_height, image_width = framing.image_size
    rows, row_fractions = _axis(window.top, window.height, height, image_height)
    columns, column_fractions = _axis(window.left, window.width, width, image_width)
    neighbours = list(product(rows, columns))
    # Each map is created when it is used, while the memory of the last one is still in the cache.
    fits = max(*framing.image_size, *framing.input_size) < _MAX_SIDE
    maps = (_map(row.pixels, column.pixels) for row, column in neighbours) if fits else None
    return _Places(row_fractions, column_fractions, neighbours, maps)


def _axis(
    start: int, length: int, samples: int, image_side: int
) -> tuple[tuple[_Neighbours, _Neighbours], NDArray[np.float32]]:
    """Return the neighbours before and after each sample along one axis, and the fractions."""
    place = np.arange(samples) * (length / samples)
    before = place.astype(np.int64)
    after = np.minimum(before + 1, length - 1)
    sides = _in_image(start + before, image_side), _in_image(start + after, image_side)
    return sides, (place - before).astype(np.float32)


def _in_image(pixels: NDArray[np.int64], image_side: int) -> _Neighbours:
    """Return those of ascending rows or columns, one for each sample, that the image has."""
    first, end = np.searchsorted(pixels, [0, image_side]).tolist()
    return _Neighbours(slice(first, end), pixels[first:end].astype(np.int32))


def _map(rows: Indices, columns: Indices) -> Map:
    """Return the map of cv2.remap that picks these rows and columns, [rows, columns, (x, y)]."""
    # To write x and y as one integer takes half the time.
    pairs = (rows[:, np.newaxis] << 16) | columns
    return pairs.view(np.int16).reshape(len(rows), len(columns), 2)


def _pick(image: NDArray[np.uint8], places: _Places, targets: NDArray[np.uint8]) -> None:
    """Copy the neighbours of each sample to uint8 [4, height, width, 3]; outside, it is black."""
    maps = repeat(None) if places.maps is None else places.maps
    for target, (rows, columns), one in zip(targets, places.neighbours, maps, strict=False):
        inside = target[rows.samples, columns.samples]
        if inside.size < target.size:
            target.fill(0)
        if one is None:
            inside[:] = image[rows.pixels[:, np.newaxis], columns.pixels]
        elif inside.size:
            cv2.remap(image, one, _NO_MAP, cv2.INTER_NEAREST, inside)
