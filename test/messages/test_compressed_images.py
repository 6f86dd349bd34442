from array import array

import cv2
from hypothesis import given
from hypothesis import strategies as st
from made_images import quarters
import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_msgs.msg import CompressedImage

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding import decode_image
from posenet_ros.messages.compressed_images import compressed_to_rgb

PICTURE = quarters(32, 48)
BGR = PICTURE[..., ::-1].copy()
BGRA = cv2.cvtColor(BGR, cv2.COLOR_BGR2BGRA)
GREY = BGR[..., 2].copy()

# An EXIF segment with an orientation that rotates the image by 90 degrees.
EXIF = b'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0'


def compressed(extension: str, values: NDArray[np.uint8 | np.uint16]) -> bytes:
    """Return values in the channel order of OpenCV as an image file."""
    _, content = cv2.imencode(extension, values)
    return content.tobytes()


def message(content: bytes, image_format: str = 'jpeg') -> CompressedImage:
    return CompressedImage(format=image_format, data=array('B', content))


def assert_close(pixels: NDArray[np.uint8], expected: NDArray[np.uint8]) -> None:
    """Compare two images within the error of JPEG, except where two colours meet."""
    assert pixels.dtype == np.uint8
    assert pixels.shape == expected.shape
    inside = np.ix_([*range(12), *range(20, 32)], [*range(20), *range(28, 48)])
    assert np.abs(pixels[inside].astype(int) - expected[inside]).max() <= 6


@pytest.mark.parametrize('image_format', ['rgb8; png compressed bgr8', 'png', 'jpeg', ''])
@pytest.mark.parametrize('values', [BGR, BGRA, BGR.astype(np.uint16) * 257])
def test_a_png_keeps_its_colours_regardless_of_the_format_field(
    image_format: str, values: NDArray[np.uint8 | np.uint16]
) -> None:
    pixels = compressed_to_rgb(message(compressed('.png', values), image_format))
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, PICTURE)


@pytest.mark.parametrize('image_format', ['mono8; png compressed ', 'mono16; png compressed '])
@pytest.mark.parametrize('values', [GREY, GREY.astype(np.uint16) * 257])
def test_a_grey_png_becomes_rgb(image_format: str, values: NDArray[np.uint8 | np.uint16]) -> None:
    pixels = compressed_to_rgb(message(compressed('.png', values), image_format))
    np.testing.assert_array_equal(pixels, np.stack([GREY] * 3, axis=2))


@pytest.mark.parametrize('image_format', ['rgb8; jpeg compressed bgr8', 'jpeg', 'png', ''])
def test_a_jpeg_keeps_its_colours_regardless_of_the_format_field(image_format: str) -> None:
    assert_close(compressed_to_rgb(message(compressed('.jpg', BGR), image_format)), PICTURE)


def test_a_grey_jpeg_becomes_rgb() -> None:
    pixels = compressed_to_rgb(message(compressed('.jpg', GREY), 'mono8; jpeg compressed mono8'))
    assert_close(pixels, np.stack([GREY] * 3, axis=2))


def test_the_exif_orientation_is_ignored() -> None:
    content = compressed('.jpg', BGR)
    segment = b'\xff\xe1' + (len(EXIF) + 2).to_bytes(2, 'big') + EXIF
    turned = content[:2] + segment + content[2:]
    assert decode_image(turned).shape == (48, 32, 3)
    assert_close(compressed_to_rgb(message(turned)), PICTURE)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (b'', 'not an image: it is empty'),
        (b'\0' * 100, 'not an image in a supported format'),
        (b'\xff\xd8', 'the JPEG ends early'),
        (compressed('.png', BGR)[:-200], 'the PNG ends early'),
        (compressed('.png', BGR)[:-1], 'the PNG ends early'),
        (compressed('.jpg', BGR)[:-2], 'the JPEG ends early'),
        (compressed('.jpg', BGR)[:-60], 'the JPEG ends early'),
    ],
)
def test_data_that_are_not_a_complete_image_are_refused(content: bytes, reason: str) -> None:
    expected = f"data has {len(content)} bytes, with format 'jpeg': {reason}.*; publish complete"
    with pytest.raises(ImageError, match=expected):
        compressed_to_rgb(message(content))


def test_an_image_that_is_too_large_has_only_its_own_remedy() -> None:
    with pytest.raises(ImageError, match=r'raise max_image_pixels$'):
        compressed_to_rgb(message(compressed('.jpg', BGR)), max_pixels=1)


def test_bytes_after_a_jpeg_are_ignored() -> None:
    content = compressed('.jpg', BGR) + bytes(50) + b'\xff\xda'
    assert_close(compressed_to_rgb(message(content)), PICTURE)


@given(st.sampled_from(['.jpg', '.png']), st.integers(0, 4000), st.binary(min_size=1, max_size=2))
def test_damaged_data_give_pixels_or_an_image_error(
    extension: str, place: int, damage: bytes
) -> None:
    content = compressed(extension, BGR)
    place %= len(content)
    rest = place + len(damage)
    damaged = content[:place] + damage + content[rest:]
    try:
        pixels = compressed_to_rgb(message(damaged))
    except ImageError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape[2:] == (3,)


def test_a_compressed_image_larger_than_allowed_is_refused() -> None:
    content = compressed('.jpg', BGR)
    assert compressed_to_rgb(message(content), max_pixels=32 * 48).shape == (32, 48, 3)
    with pytest.raises(
        ImageError, match=r'width x height is 48x32: .*max_image_pixels, which is 1'
    ):
        compressed_to_rgb(message(content), max_pixels=1)


def test_a_long_format_is_shortened_in_the_error() -> None:
    with pytest.raises(ImageError, match=r'x\.\.\.x') as refused:
        compressed_to_rgb(message(b'', 'x' * 2**20))
    assert len(str(refused.value)) < 300
