"""
Sampling of images: the four pixels around each pixel of the network input.

A pixel of the network input lies between four pixels of the image, its neighbours
(`neighbours.py`). They are picked as bytes (`picking.py`). The graph of the network blends them by
the fractions, in float32.

The samples are those of the reference, resizeBilinear of TensorFlow.js on the padded image: pixel
d is at d * scale, without a shift by half a pixel. At the last row and column of the window, a
neighbour that would lie beyond the window is the last row or column itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.framing.framing import Framing
from posenet_ros.framing.neighbours import find_places
from posenet_ros.framing.picking import pick_neighbours

# What a GPU needs (`inference.graph.ALIGNMENT`), in bytes.
_ALIGNMENT = 256


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
        places = find_places(framing)
        samples.row_fractions[number, :, 0, 0] = places.row_fractions
        samples.column_fractions[number, 0] = places.column_fractions[:, np.newaxis]
        pick_neighbours(image, framing, places, samples.neighbours[:, number])
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
