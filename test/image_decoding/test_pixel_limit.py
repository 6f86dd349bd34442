import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.pixel_limit import check_pixel_count


def test_an_image_may_have_as_many_pixels_as_allowed_and_no_more() -> None:
    check_pixel_count(6, 4, 24)
    with pytest.raises(
        ImageError, match=r'is 6x4: .* larger than max_image_pixels, which is 23; .*raise max_im'
    ):
        check_pixel_count(6, 4, 23)
