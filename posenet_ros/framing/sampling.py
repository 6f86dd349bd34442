"""
Sampling of images: what it costs depends on the network input, not on the image.

A pixel of the network input lies between four pixels of the image. This module picks these four,
as bytes. The graph of the network blends them by the fractions, in float32.

The sampling is that of the reference, resizeBilinear of TensorFlow.js on the padded image: pixel d
is at d * scale, without a shift by half a pixel. At the last row and column of the window, the
neighbour beyond the window is the last row or column itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.framing.framing import Framing

# cv2.remap accepts only images and results whose sides are shorter.
_MAX_SIDE = 32767
# The second map of cv2.remap, for the fractions of pixels.
_NO_MAP = np.empty(0, np.uint16)


@dataclass(frozen=True, eq=False)
class Samples:
    """The samples of N images for a network input of height x width, before they are blended."""

    #: uint8 RGB [4, N, height, width, 3]: the image pixels at the top left, top right, bottom left
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
    samples = Samples(
        neighbours=np.empty((4, count, height, width, 3), np.uint8),
        row_fractions=np.empty((count, height, 1, 1), np.float32),
        column_fractions=np.empty((count, 1, width, 3), np.float32),
    )
    for number, (image, framing) in enumerate(zip(images, framings, strict=True)):
        window = framing.window
        rows = _axis(window.top, window.height, samples=height, image_side=image.shape[0])
        columns = _axis(window.left, window.width, samples=width, image_side=image.shape[1])
        samples.row_fractions[number, :, 0, 0] = rows.fractions
        samples.column_fractions[number, 0] = columns.fractions[:, np.newaxis]
        corners = product((rows.before, rows.after), (columns.before, columns.after))
        for target, corner in zip(samples.neighbours[:, number], corners, strict=True):
            _pick(image, *corner, target)
    return samples


def _check(images: Sequence[NDArray[np.uint8]], framings: Sequence[Framing]) -> None:
    for image, framing in zip(images, framings, strict=True):
        if image.shape != (*framing.image_size, 3) or image.dtype != np.uint8:
            raise ImageError(
                f'expected an image of uint8 {[*framing.image_size, 3]}, '
                f'got {image.dtype} {list(image.shape)}'
            )
    if len({framing.input_size for framing in framings}) != 1:
        sizes = ', '.join(
            f'{height}x{width}' for height, width in (f.input_size for f in framings)
        )
        raise ImageError(
            f'images in one run must have the same input size (height x width), got {sizes}'
        )


@dataclass(frozen=True, eq=False)
class _Axis:
    """The places of samples along one axis of the image."""

    #: Indices of the image pixels before and after each sample, int32 [samples]; -1 or the side of
    #: the image if they are outside of it.
    before: NDArray[np.int32]
    after: NDArray[np.int32]
    #: The place of each sample between the two, float32 [samples], 0 to 1.
    fractions: NDArray[np.float32]


def _axis(start: int, length: int, *, samples: int, image_side: int) -> _Axis:
    """Return the places of samples in a window that has this start and length."""
    place = np.arange(samples) * (length / samples)
    before = place.astype(np.int64)
    after = np.minimum(before + 1, length - 1)
    return _Axis(
        before=(start + before).clip(-1, image_side).astype(np.int32),
        after=(start + after).clip(-1, image_side).astype(np.int32),
        fractions=(place - before).astype(np.float32),
    )


def _pick(
    image: NDArray[np.uint8],
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    target: NDArray[np.uint8],
) -> None:
    """Copy the pixels in these rows and columns to the target; those outside are black."""
    height, width, _ = image.shape
    if max(height, width, len(rows), len(columns)) >= _MAX_SIDE:
        # Ten times slower.
        target[:] = image[rows[:, np.newaxis] % height, columns % width]
        target[(rows < 0) | (rows == height)] = 0
        target[:, (columns < 0) | (columns == width)] = 0
        return
    # The map of cv2.remap, int16 [rows, columns, 2], has (x, y) for each sample. To write the two
    # as one integer takes half the time.
    places = ((rows[:, np.newaxis] << 16) | (columns & 0xFFFF)).view(np.int16)
    places = places.reshape(len(rows), len(columns), 2)
    cv2.remap(image, places, _NO_MAP, cv2.INTER_NEAREST, target, cv2.BORDER_CONSTANT, 0)
