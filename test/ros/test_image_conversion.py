from array import array

import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.errors import ImageError
from posenet_ros.ros.image_conversion import to_image, to_rgb

RED, GREEN, GREY = (250, 10, 20), (10, 240, 30), (90, 90, 90)


def message(encoding: str, rows: list[list[tuple[int, ...]]], padding: int = 0) -> Image:
    """Return a message of pixels, with some bytes behind each row."""
    pixels = np.array(rows, np.uint8)
    packed = pixels.reshape(len(rows), -1)
    data = np.pad(packed, ((0, 0), (0, padding)), constant_values=77)
    return Image(
        height=len(rows),
        width=len(rows[0]),
        encoding=encoding,
        step=data.shape[1],
        data=array('B', data.tobytes()),
    )


ENCODED: dict[str, list[list[tuple[int, ...]]]] = {
    'rgb8': [[(250, 10, 20), (10, 240, 30), (90, 90, 90)]] * 2,
    'bgr8': [[(20, 10, 250), (30, 240, 10), (90, 90, 90)]] * 2,
    'rgba8': [[(250, 10, 20, 5), (10, 240, 30, 6), (90, 90, 90, 7)]] * 2,
    'bgra8': [[(20, 10, 250, 5), (30, 240, 10, 6), (90, 90, 90, 7)]] * 2,
}


@pytest.mark.parametrize('encoding', ENCODED)
@pytest.mark.parametrize('padding', [0, 5])
def test_colours_are_kept_with_and_without_padding(encoding: str, padding: int) -> None:
    pixels = to_rgb(message(encoding, ENCODED[encoding], padding))
    np.testing.assert_array_equal(pixels, [[RED, GREEN, GREY]] * 2)


@pytest.mark.parametrize('padding', [0, 5])
def test_grey_becomes_rgb(padding: int) -> None:
    pixels = to_rgb(message('mono8', [[(5,), (200,)], [(7,), (9,)]], padding))
    np.testing.assert_array_equal(pixels, [[[5] * 3, [200] * 3], [[7] * 3, [9] * 3]])


def test_the_byte_order_of_bytes_does_not_matter() -> None:
    big = message('bgr8', ENCODED['bgr8'])
    big.is_bigendian = 1
    np.testing.assert_array_equal(to_rgb(big), [[RED, GREEN, GREY]] * 2)


def test_the_last_row_may_lack_its_padding() -> None:
    padded = message('rgb8', ENCODED['rgb8'], 5)
    padded.data = padded.data[:-5]
    np.testing.assert_array_equal(to_rgb(padded), [[RED, GREEN, GREY]] * 2)


def test_an_image_goes_out_and_comes_back() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    header = Header(frame_id='lens')
    sent = to_image(pixels, header)
    assert (sent.width, sent.height, sent.step, sent.encoding) == (7, 5, 21, 'rgb8')
    assert sent.header == header
    np.testing.assert_array_equal(to_rgb(sent), pixels)


def test_a_view_that_is_not_contiguous_goes_out_whole() -> None:
    pixels: NDArray[np.uint8] = np.arange(90, dtype=np.uint8).reshape(5, 6, 3)[:, ::-2]
    np.testing.assert_array_equal(to_rgb(to_image(pixels, Header())), pixels)


@pytest.mark.parametrize(
    ('field', 'value', 'complaint'),
    [
        ('encoding', 'rgb9', "encoding 'rgb9' is not known"),
        ('encoding', '', "encoding '' is not known"),
        ('width', 0, 'width x height is 0x2'),
        ('height', 0, 'width x height is 3x0'),
        ('step', 8, 'step is 8, too small for 3 pixels of rgb8, which take 9 bytes'),
        ('data', array('B', b'12345'), 'data has 5 bytes, too few for 3x2'),
        ('data', array('B'), 'data has 0 bytes'),
        ('height', 2**32 - 1, 'data has 18 bytes, too few'),
        ('width', 2**32 - 1, 'step is 9, too small'),
    ],
)
def test_an_image_that_contradicts_itself_is_refused_by_its_field(
    field: str, value: object, complaint: str
) -> None:
    broken = message('rgb8', ENCODED['rgb8'])
    setattr(broken, field, value)
    with pytest.raises(ImageError, match=complaint):
        to_rgb(broken)
