"""Images that NumPy encoded are converted back to their colours."""

from made_images import encoded, ENCODERS, message, ORANGE, quarters, Rgb
import numpy as np
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.messages.image_encodings import ENCODINGS
from posenet_ros.messages.raw_images import raw_to_rgb

GREY = ('mono8', 'mono16', '8UC1')
BAYER = [name for name in ENCODINGS if name.startswith('bayer')]
DEEP = [name for name in ENCODINGS if name.endswith('16')]
CHROMA = ['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2', 'nv12', 'nv21']
PLAIN = [name for name in ENCODINGS if name not in CHROMA + BAYER]


def expected(encoding: str, picture: Rgb) -> Rgb:
    """Return an image without the information that its encoding cannot represent."""
    return np.repeat(picture[..., :1], 3, axis=2) if encoding in GREY else picture


def assert_same_colours(encoding: str, pixels: Rgb, picture: Rgb) -> None:
    """Compare two images within the error of rounding to 8-bit YUV."""
    assert pixels.dtype == np.uint8
    assert pixels.shape == picture.shape
    difference = np.abs(pixels.astype(int) - expected(encoding, picture))
    assert difference.max() <= (3 if encoding in CHROMA else 0)


def test_every_encoding_is_tested() -> None:
    assert ENCODINGS.keys() == ENCODERS.keys()


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize('padding', [0, 1, 8])
@pytest.mark.parametrize('encoding', PLAIN + CHROMA)
def test_colours_are_kept_for_any_padding_and_byte_order(
    encoding: str, padding: int, big_endian: bool
) -> None:
    picture = quarters(8, 12)
    image = encoded(encoding, picture, padding=padding, big_endian=big_endian)
    assert_same_colours(encoding, raw_to_rgb(image), picture)


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize('padding', [0, 1, 8])
@pytest.mark.parametrize('encoding', BAYER)
def test_a_bayer_pattern_gives_each_quarter_its_colour(
    encoding: str, padding: int, big_endian: bool
) -> None:
    picture = quarters(8, 12)
    image = encoded(encoding, picture, padding=padding, big_endian=big_endian)
    # Where two colours meet, they mix.
    inside = np.ix_([0, 1, 2, 5, 6, 7], [0, 1, 2, 3, 4, 7, 8, 9, 10, 11])
    assert_same_colours(encoding, raw_to_rgb(image)[inside], picture[inside])


@pytest.mark.parametrize('size', [(1, 1), (1, 4), (5, 1), (3, 7)])
@pytest.mark.parametrize('encoding', PLAIN)
def test_a_plain_image_may_have_any_size(encoding: str, size: tuple[int, int]) -> None:
    picture = quarters(*size)
    assert_same_colours(encoding, raw_to_rgb(encoded(encoding, picture)), picture)


@pytest.mark.parametrize('size', [(2, 2), (2, 3), (3, 2), (2, 9), (9, 2), (3, 3), (5, 7)])
@pytest.mark.parametrize('encoding', BAYER)
def test_a_bayer_image_may_have_any_size_that_holds_its_pattern(
    encoding: str, size: tuple[int, int]
) -> None:
    picture = np.full((*size, 3), ORANGE, np.uint8)
    assert_same_colours(encoding, raw_to_rgb(encoded(encoding, picture)), picture)


@pytest.mark.parametrize('size', [(1, 2), (3, 4)])
@pytest.mark.parametrize('encoding', ['uyvy', 'yuv422', 'yuyv', 'yuv422_yuy2'])
def test_a_yuv422_image_may_have_any_height(encoding: str, size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), ORANGE, np.uint8)
    assert_same_colours(encoding, raw_to_rgb(encoded(encoding, picture)), picture)


@pytest.mark.parametrize('encoding', DEEP)
def test_16_bit_values_are_divided_by_257_and_rounded(encoding: str) -> None:
    grey = np.array([0, 128, 129, 385, 386, 0x1234, 0xFF7E, 0xFF7F, 0xFFFF], np.uint16)
    # In a uniformly grey image, all channels and all pixels of a pattern have the same value.
    values = np.broadcast_to(grey[:, None, None, None], (9, 4, 4, ENCODINGS[encoding].channels))
    middles = [raw_to_rgb(message(encoding, area))[1, 1] for area in values]
    np.testing.assert_array_equal(middles, np.rint(np.stack([grey] * 3, axis=1) / 257))


def test_an_8k_image_is_converted() -> None:
    picture = np.full((4320, 7680, 3), ORANGE, np.uint8)
    assert np.array_equal(raw_to_rgb(encoded('bayer_gbrg8', picture, padding=64)), picture)


@pytest.mark.parametrize(
    ('encoding', 'width', 'height', 'reason'),
    [
        ('uyvy', 3, 2, 'width x height is 3x2: uyvy needs multiples of 2x1'),
        ('yuv422_yuy2', 1, 1, 'width x height is 1x1: yuv422_yuy2 needs multiples of 2x1'),
        ('nv12', 4, 3, 'width x height is 4x3: nv12 needs multiples of 2x2'),
        ('nv21', 3, 4, 'width x height is 3x4: nv21 needs multiples of 2x2'),
        ('bayer_rggb8', 1, 4, 'width x height is 1x4: smaller than the 2x2 pattern'),
        ('bayer_grbg16', 4, 1, 'width x height is 4x1: smaller than the 2x2 pattern'),
    ],
)
def test_a_size_that_an_encoding_does_not_allow_is_refused(
    encoding: str, width: int, height: int, reason: str
) -> None:
    image = message(encoding, np.zeros((height * 2, width, 2), np.uint16), height=height)
    with pytest.raises(ImageError, match=reason):
        raw_to_rgb(image)


def test_nv12_without_its_rows_of_chroma_is_refused() -> None:
    image = message('nv12', np.zeros((5, 4), np.uint8), height=4)
    with pytest.raises(ImageError, match=r'data has 20 bytes, too few for 4x4 .* which need 24'):
        raw_to_rgb(image)
