"""The framing in which the network sees a region of an image, for example one person."""

from dataclasses import dataclass
import math

from posenet_ros.errors import SettingError
from posenet_ros.framing.framing import Framing, Size, Window
from posenet_ros.framing.whole_image import check_size, valid_side

# Coordinates up to this limit are exact in all calculations.
_MAX_COORDINATE = 1e9


@dataclass(frozen=True)
class Region:
    """A rectangle of an image, in its pixels. It may reach beyond the image, where it is black."""

    #: (x, y)
    centre: tuple[float, float]
    #: The longer side.
    side: float
    #: (height, width) as shares of the longer side. By default, the region is a square.
    shares: tuple[float, float] = (1.0, 1.0)

    @property
    def size(self) -> tuple[float, float]:
        """Return (height, width)."""
        height, width = self.shares
        return height * self.side, width * self.side

    @property
    def square(self) -> 'Region':
        """Return the square around the region."""
        return Region(self.centre, self.side)

    def input_side(self, region_size: int) -> float:
        """Return the longer side of an input with the shape of the region and enough pixels."""
        return region_size / math.sqrt(math.prod(self.shares))


def frame_region(
    image_size: Size, region: Region, *, region_size: int, output_stride: int
) -> Framing:
    """
    Return the framing that scales a region of an image of (height, width) to a network input.

    The input has about the shape of the region, and about as many pixels as a square with the side
    region_size. Its longer side is rounded down to a valid one, and the shorter side up, so that
    the window contains the region, apart from rounding to whole pixels of the image. The window
    has at least one pixel. Raises SettingError if the image has no pixels, or if a coordinate of
    the region is NaN or more than a billion pixels.
    """
    check_size('image', image_size)
    x, y = region.centre
    if not all(abs(value) <= _MAX_COORDINATE for value in (x, y, region.side)):  # or NaN
        raise SettingError(f'{region} is not near an image')
    longer = valid_side(region.input_side(region_size), output_stride)
    height, width = (_round_up(share * longer, output_stride) for share in region.shares)
    # Both axes have the same scale, apart from rounding.
    scale = region.side / max(height, width)
    window_height, window_width = (max(round(length * scale), 1) for length in (height, width))
    top, left = round(y - window_height / 2), round(x - window_width / 2)
    window = Window(top, left, window_height, window_width)
    return Framing(image_size, (height, width), window, is_region=True)


def _round_up(length: float, output_stride: int) -> int:
    """Return the smallest valid side of at least a length in pixels and at least two cells."""
    return max(math.ceil((length - 1) / output_stride), 1) * output_stride + 1
