"""The framing in which the network sees a region of an image, for example one person."""

from dataclasses import dataclass

from posenet_ros.errors import SettingError
from posenet_ros.framing.framing import Framing, Size, Window
from posenet_ros.framing.whole_image import check_size, valid_side

# Coordinates up to this limit are exact in all calculations.
_MAX_COORDINATE = 1e9


@dataclass(frozen=True)
class Region:
    """A square of an image, in image pixels. It may reach beyond the image, where it is black."""

    #: (x, y)
    centre: tuple[float, float]
    side: float


def frame_region(
    image_size: Size, region: Region, *, region_size: int, output_stride: int
) -> Framing:
    """
    Return the framing that scales a region of an image of (height, width) to a square input.

    The side of the input is region_size rounded down to a valid side. The window is the region
    rounded to whole pixels, and has at least one pixel. Raises SettingError if the image has no
    pixels, or if a coordinate of the region is NaN or more than a billion pixels.
    """
    check_size('image', image_size)
    x, y = region.centre
    if not all(abs(value) <= _MAX_COORDINATE for value in (x, y, region.side)):  # or NaN
        raise SettingError(f'{region} is not near an image')
    side = max(round(region.side), 1)
    top, left = round(y - side / 2), round(x - side / 2)
    input_side = valid_side(region_size, output_stride)
    return Framing(
        image_size, (input_side, input_side), Window(top, left, side, side), is_region=True
    )
