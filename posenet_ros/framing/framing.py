"""
The geometry from an image to the network input, and back for points.

Two framings, both of the reference: by a scale factor (no padding; each side goes to a valid
size of its own, so the two scales can differ a little), and letterboxed (zero padding to the
aspect of a given input size). The network samples the padded image itself: input pixel d shows
it at d * scale.

Source: tfjs-models, posenet, `padAndResizeTo` and `scaleAndFlipPoses` of release 2.2, and
`getValidResolution` of the 2018 release.
"""

from dataclasses import dataclass
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError, SettingError

Size = tuple[int, int]


def valid_side(length: float, output_stride: int) -> int:
    """
    Return the largest valid input side at or below a length in pixels, at least 1.

    A side is valid when it is a multiple of the output stride plus 1, so that the cells of the
    heads fall on the first and on the last pixel.
    """
    return max(int((length - 1) // output_stride), 0) * output_stride + 1


@dataclass(frozen=True)
class InputTransform:
    """
    The framing of one image size: how its pixels map to the network input.

    All sizes are (height, width). `padding` is (top, left) in image pixels; as much is added at
    the bottom and at the right.
    """

    image_size: Size
    input_size: Size
    padding: tuple[int, int] = (0, 0)

    @property
    def padded_size(self) -> Size:
        """Return the (height, width) of the image with its padding."""
        (height, width), (top, left) = self.image_size, self.padding
        return height + 2 * top, width + 2 * left

    @property
    def scale(self) -> tuple[float, float]:
        """Return how many (y, x) image pixels one pixel of the network input spans."""
        height, width = self.padded_size
        return height / self.input_size[0], width / self.input_size[1]

    def pad(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """
        Return an image, uint8 [height, width, 3], with its padding, in black.

        It is the image itself where there is none. Raises ImageError when the image has another
        size.
        """
        if image.shape != (*self.image_size, 3) or image.dtype != np.uint8:
            raise ImageError(
                f'expected an image of uint8 {[*self.image_size, 3]}, '
                f'got {image.dtype} {list(image.shape)}'
            )
        top, left = self.padding
        if not top and not left:
            return image
        padded = cv2.copyMakeBorder(image, top, top, left, left, cv2.BORDER_CONSTANT)
        return np.asarray(padded, np.uint8)

    def to_image(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (x, y) points, float64 [..., 2], from the network input to the image."""
        scale, padding = np.array(self.scale[::-1]), np.array(self.padding[::-1])
        in_image: NDArray[np.float64] = points * scale - padding
        return in_image

    def to_input(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (x, y) points, float64 [..., 2], from the image to the network input."""
        scale, padding = np.array(self.scale[::-1]), np.array(self.padding[::-1])
        in_input: NDArray[np.float64] = (points + padding) / scale
        return in_input


def scaled(image_size: Size, *, image_scale_factor: float, output_stride: int) -> InputTransform:
    """
    Frame an image by a scale factor, without padding.

    Each side goes to the valid size nearest at or below image_scale_factor times it.
    """
    _check_size('image', image_size)
    height, width = (valid_side(side * image_scale_factor, output_stride) for side in image_size)
    return InputTransform(image_size, (height, width))


def letterboxed(image_size: Size, *, input_size: Size, output_stride: int) -> InputTransform:
    """
    Frame an image by zero padding to the aspect of an input size, both (height, width).

    The input size is rounded down to a valid one first.
    """
    _check_size('image', image_size)
    _check_size('input', input_size)
    target_height, target_width = (valid_side(side, output_stride) for side in input_size)
    height, width = image_size
    aspect = target_width / target_height
    if width / height < aspect:
        padding = (0, _round(0.5 * (aspect * height - width)))
    else:
        padding = (_round(0.5 * ((1 / aspect) * width - height)), 0)
    return InputTransform(image_size, (target_height, target_width), padding)


def _round(value: float) -> int:
    """Round to the nearest integer, halves upwards, as JavaScript's Math.round does."""
    return math.floor(value + 0.5)


def _check_size(name: str, size: Size) -> None:
    if min(size) < 1:
        raise SettingError(f'{name} size {size[0]}x{size[1]} (height x width) has no pixels')
