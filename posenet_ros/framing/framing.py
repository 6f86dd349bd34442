"""
The mapping from an image to the network input, and of points back to the image.

The network sees a window of the image: all of it, with black bars if it is letterboxed, or a
region around a person. The pixel at d in the network input is the window at d * scale.

Source: tfjs-models, posenet, `padAndResizeTo` and `scaleAndFlipPoses` of release 2.2.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: (height, width) in pixels.
Size = tuple[int, int]


class Window(NamedTuple):
    """A rectangle in whole image pixels. It may reach beyond the image, where it is black."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True)
class Framing:
    """The window of an image that the network sees, and the size to which it is scaled."""

    #: (height, width) of the image.
    image_size: Size
    #: (height, width) of the network input.
    input_size: Size
    window: Window
    #: Whether it is a region around somebody, which is hardly ever used twice.
    is_region: bool = False

    @property
    def scale(self) -> tuple[float, float]:
        """Return the size of a pixel of the network input in image pixels, (y, x)."""
        height, width = self.input_size
        return self.window.height / height, self.window.width / width

    def to_image(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (x, y) points, float64 [..., 2], from the network input to the image."""
        in_image: NDArray[np.float64] = points * self._scale_xy + self._origin_xy
        return in_image

    def to_network(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (x, y) points, float64 [..., 2], from the image to the network input."""
        in_network: NDArray[np.float64] = (points - self._origin_xy) / self._scale_xy
        return in_network

    @cached_property
    def _scale_xy(self) -> NDArray[np.float64]:
        return np.array(self.scale[::-1])

    @cached_property
    def _origin_xy(self) -> NDArray[np.float64]:
        return np.array((self.window.left, self.window.top), np.float64)
