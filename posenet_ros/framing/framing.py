"""
The mapping from an image to the network input, and of points back to the image.

The graph of the network samples the padded image: the pixel at d in the network input is the
padded image at d * scale.

Source: tfjs-models, posenet, `padAndResizeTo` and `scaleAndFlipPoses` of release 2.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError

#: (height, width) in pixels.
Size = tuple[int, int]


@dataclass(frozen=True)
class Framing:
    """
    How an image is padded and scaled to the network input.

    All sizes are (height, width). `padding` is (top, left) in image pixels; the same is added at
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
        """Return the size of a pixel of the network input in image pixels, (y, x)."""
        height, width = self.padded_size
        return height / self.input_size[0], width / self.input_size[1]

    def pad(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """
        Return an image, uint8 [height, width, 3], with black padding.

        Without padding this is the image itself, not a copy. Raises ImageError if the image has
        another size or dtype.
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

    def batch(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """
        Return padded images as one array, uint8 [N, height, width, 3]; raises as `pad` does.

        A single image without padding is not copied.
        """
        padded = [self.pad(image) for image in images]
        return padded[0][np.newaxis] if len(padded) == 1 else np.stack(padded)

    def to_image(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (x, y) points, float64 [..., 2], from the network input to the image."""
        scale, padding = np.array(self.scale[::-1]), np.array(self.padding[::-1])
        in_image: NDArray[np.float64] = points * scale - padding
        return in_image

    def to_network(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (x, y) points, float64 [..., 2], from the image to the network input."""
        scale, padding = np.array(self.scale[::-1]), np.array(self.padding[::-1])
        in_network: NDArray[np.float64] = (points + padding) / scale
        return in_network
