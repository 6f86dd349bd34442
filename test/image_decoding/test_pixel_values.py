import numpy as np
from PIL import Image
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.pixel_values import to_rgb_array


@pytest.mark.parametrize('mode', ['1', 'L', 'P', 'LA', 'PA', 'RGB', 'RGBA', 'RGBX', 'CMYK'])
def test_all_kinds_of_images_become_rgb(mode: str) -> None:
    image = Image.new('RGB', (6, 4), (255, 255, 255)).convert(mode)
    np.testing.assert_array_equal(to_rgb_array(image), np.full((4, 6, 3), 255, np.uint8))


def test_alpha_is_dropped() -> None:
    image = Image.new('RGBA', (1, 1), (10, 20, 30, 0))
    np.testing.assert_array_equal(to_rgb_array(image), [[[10, 20, 30]]])


def test_a_transparent_colour_is_kept() -> None:
    image = Image.new('P', (1, 1), 3)
    image.putpalette(range(24))
    image.info['transparency'] = 3
    np.testing.assert_array_equal(to_rgb_array(image), [[[9, 10, 11]]])


def test_16_bits_are_reduced_to_the_high_byte() -> None:
    image = Image.fromarray(np.array([[0x12FF, 0xFE01]], np.uint16))
    np.testing.assert_array_equal(to_rgb_array(image), [[[0x12] * 3, [0xFE] * 3]])


@pytest.mark.parametrize('mode', ['F', 'I', 'LAB'])
def test_other_values_are_refused(mode: str) -> None:
    with pytest.raises(ImageError, match=rf'\({mode}\) are not supported; convert it'):
        to_rgb_array(Image.new(mode, (6, 4)))
