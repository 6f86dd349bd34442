"""The largest image that is decoded or converted."""

from posenet_ros.errors import ImageError


def check_pixel_count(width: int, height: int, max_pixels: int) -> None:
    """Raise ImageError if an image of this size has more pixels than allowed."""
    if width * height > max_pixels:
        raise ImageError(
            f'width x height is {width}x{height}: with {width * height} pixels, the image is '
            f'larger than max_image_pixels, which is {max_pixels}; use smaller images, or raise '
            'max_image_pixels'
        )
