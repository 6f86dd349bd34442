import io

import numpy as np
from PIL import Image, ImageOps
import pytest

from posenet_ros.image_decoding.exif import read_orientation, turn_upright

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


def exif_with(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = 'a maker before it', orientation
    return exif.tobytes()


@pytest.mark.parametrize('orientation', range(1, 9))
def test_images_are_turned_as_pillow_turns_them(orientation: int) -> None:
    exif = exif_with(orientation)
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, 'PNG', exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(file)))
    assert read_orientation(exif) == orientation
    np.testing.assert_array_equal(turn_upright(PIXELS, orientation), expected)


def test_without_a_valid_orientation_an_image_is_upright() -> None:
    whole = exif_with(6)
    assert [read_orientation(whole[:size]) for size in range(30)] == [1] * 30
    assert read_orientation(exif_with(9)) == 1
    assert read_orientation(b'nothing') == 1
