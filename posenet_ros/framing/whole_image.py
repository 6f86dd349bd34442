"""
The two framings in which the network sees the whole image, as in the reference.

A scaled image has no padding. Each side is scaled to a valid length, so the scales along y and x
can differ slightly. A letterboxed image is padded with zeros to the aspect ratio of a given input
size.

Source: tfjs-models, posenet, `padAndResizeTo` of release 2.2 and `getValidResolution` of the 2018
release.
"""

import math

from posenet_ros.errors import ImageError, SettingError
from posenet_ros.framing.framing import Framing, Size
from posenet_ros.settings import MAX_INPUT_SIDE, parse_size, PoseSettings

# Larger arrays would take gigabytes of memory and seconds of time. The largest `input_size` fits.
_MAX_PIXELS = MAX_INPUT_SIDE**2


def frame_whole_image(image_size: Size, settings: PoseSettings, output_stride: int) -> Framing:
    """
    Return the framing of an image of (height, width) with these settings.

    If `input_size` is set, the image is letterboxed; otherwise it is scaled by
    `image_scale_factor`. Raises SettingError if the image has no pixels, and ImageError if it is
    too large, or too long and narrow, for these settings.
    """
    if settings.input_size:
        input_size = parse_size(settings.input_size)
        framing = letterboxed(image_size, input_size=input_size, output_stride=output_stride)
        advice = 'its aspect ratio is too far from that of input_size'
    else:
        factor = settings.image_scale_factor
        framing = scaled(image_size, image_scale_factor=factor, output_stride=output_stride)
        advice = f'lower image_scale_factor, which is {factor:g}, or set input_size'
    if framing.largest_array > _MAX_PIXELS:
        height, width = image_size
        raise ImageError(
            f'width x height is {width}x{height}: to sample the image for the network takes '
            f'{framing.largest_array} pixels, more than {_MAX_PIXELS}; {advice}'
        )
    return framing


def scaled(image_size: Size, *, image_scale_factor: float, output_stride: int) -> Framing:
    """
    Return the framing that scales an image, without padding.

    Each side is scaled to the largest valid length up to image_scale_factor times the side.
    """
    _check_size('image', image_size)
    height, width = (valid_side(side * image_scale_factor, output_stride) for side in image_size)
    return Framing(image_size, (height, width))


def letterboxed(image_size: Size, *, input_size: Size, output_stride: int) -> Framing:
    """
    Return the framing that pads an image to the aspect ratio of an input size (height, width).

    The input size is first rounded down to a valid one.
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
    return Framing(image_size, (target_height, target_width), padding)


def valid_side(length: float, output_stride: int) -> int:
    """
    Return the largest valid side of a network input up to a length in pixels, at least 1.

    A side is valid if it is a multiple of the output stride plus 1, so that there is a cell at the
    first pixel and at the last pixel.
    """
    return max(int((length - 1) // output_stride), 0) * output_stride + 1


def _round(value: float) -> int:
    """Round to the nearest integer, halves upwards, as JavaScript's Math.round does."""
    return math.floor(value + 0.5)


def _check_size(name: str, size: Size) -> None:
    if min(size) < 1:
        raise SettingError(f'{name} size {size[0]}x{size[1]} (height x width) has no pixels')
