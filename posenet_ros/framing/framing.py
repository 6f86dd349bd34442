"""
The mapping from an image to the network input, and of points back to the image.

The pixel at d in the network input is the padded image at d * scale. The padded image is never
built: the graph of the network first samples the image along the axis that has no padding, then
pads the result, and then samples along the other axis.

Source: tfjs-models, posenet, `padAndResizeTo` and `scaleAndFlipPoses` of release 2.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError

#: (height, width) in pixels.
Size = tuple[int, int]


@dataclass(frozen=True)
class Framing:
    """
    How an image is padded and scaled to the network input.

    All sizes are (height, width). `padding` is (top, left) in image pixels, black; the same is
    added at the bottom and at the right. At most one of the two axes has padding.
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

    @property
    def unpadded_size(self) -> Size:
        """
        Return the (height, width) of the image after it was sampled, but before it is padded.

        An axis with padding still has its length in image pixels.
        """
        (height, width), (top, left) = self.input_size, self.padding
        return self.image_size[0] if top else height, self.image_size[1] if left else width

    @property
    def largest_array(self) -> int:
        """Return the pixels of the largest array that sampling creates from the image."""
        (height, width), (top, left) = self.unpadded_size, self.padding
        return max((height + 2 * top) * (width + 2 * left), math.prod(self.input_size))

    def batch(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """
        Return images as one array, uint8 [N, height, width, 3]; a single image is not copied.

        Raises ImageError if an image has another size or dtype.
        """
        for image in images:
            if image.shape != (*self.image_size, 3) or image.dtype != np.uint8:
                raise ImageError(
                    f'expected an image of uint8 {[*self.image_size, 3]}, '
                    f'got {image.dtype} {list(image.shape)}'
                )
        return images[0][np.newaxis] if len(images) == 1 else np.stack(images)

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
