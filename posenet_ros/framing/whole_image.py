"""
The two framings in which the network sees the whole image, as in the reference.

A scaled image fills the network input. Each side is scaled to a valid length, so the scales along
y and x can differ slightly. A letterboxed image gets black bars, so that it has the aspect ratio
of a given input size.

Source: tfjs-models, posenet, `padAndResizeTo` of release 2.2 and `getValidResolution` of the 2018
release.
"""

from functools import lru_cache
import math

from posenet_ros.errors import ImageError, SettingError
from posenet_ros.framing.framing import Framing, Size, Window
from posenet_ros.settings import MAX_INPUT_SIDE, parse_size, PoseSettings

# A larger input would take gigabytes of memory and seconds of time. The largest `input_size` fits.
_MAX_PIXELS = MAX_INPUT_SIDE**2


@lru_cache(maxsize=16)
def frame_whole_image(image_size: Size, settings: PoseSettings, output_stride: int) -> Framing:
    """
    Return the framing of an image of (height, width) with these settings.

    If `input_size` is set, the image is letterboxed; otherwise it is scaled by
    `image_scale_factor`. Raises SettingError if the image has no pixels, and ImageError if the
    network input would be too large.
    """
    if settings.input_size:
        input_size = parse_size(settings.input_size)
        return letterboxed(image_size, input_size=input_size, output_stride=output_stride)
    factor = settings.image_scale_factor
    framing = scaled(image_size, image_scale_factor=factor, output_stride=output_stride)
    (height, width), pixels = image_size, math.prod(framing.input_size)
    if pixels > _MAX_PIXELS:
        raise ImageError(
            f'width x height is {width}x{height}: the network input would have {pixels} pixels, '
            f'more than {_MAX_PIXELS}; lower image_scale_factor, which is {factor:g}, or set '
            'input_size'
        )
    return framing


def stretched(image_size: Size, input_size: Size) -> Framing:
    """Return the framing that scales each side of an image to that of an input size."""
    return Framing(image_size, input_size, Window(0, 0, *image_size))


def scaled(image_size: Size, *, image_scale_factor: float, output_stride: int) -> Framing:
    """
    Return the framing that scales an image, without padding.

    Each side is scaled to the largest valid length up to image_scale_factor times the side.
    """
    check_size('image', image_size)
    height, width = (valid_side(side * image_scale_factor, output_stride) for side in image_size)
    return stretched(image_size, (height, width))


def letterboxed(image_size: Size, *, input_size: Size, output_stride: int) -> Framing:
    """
    Return the framing that pads an image to the aspect ratio of an input size (height, width).

    The same is added on both sides. The input size is first rounded down to a valid one.
    """
    check_size('image', image_size)
    check_size('input', input_size)
    target_height, target_width = (valid_side(side, output_stride) for side in input_size)
    height, width = image_size
    aspect = target_width / target_height
    top = left = 0
    if width / height < aspect:
        left = _round(0.5 * (aspect * height - width))
    else:
        top = _round(0.5 * ((1 / aspect) * width - height))
    window = Window(-top, -left, height + 2 * top, width + 2 * left)
    return Framing(image_size, (target_height, target_width), window)


def valid_side(length: float, output_stride: int) -> int:
    """
    Return the largest valid side of a network input up to a length in pixels, at least 1.

    A side is valid if it is a multiple of the output stride plus 1, so that there is a cell at the
    first pixel and at the last pixel.
    """
    return max(int((length - 1) // output_stride), 0) * output_stride + 1


def check_size(name: str, size: Size) -> None:
    """Raise SettingError if a size (height, width) has no pixels."""
    if min(size) < 1:
        raise SettingError(f'{name} size {size[0]}x{size[1]} (height x width) has no pixels')


def _round(value: float) -> int:
    """Round to the nearest integer, halves upwards, as JavaScript's Math.round does."""
    return math.floor(value + 0.5)
