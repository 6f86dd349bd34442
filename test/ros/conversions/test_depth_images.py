from array import array
import random
from typing import Any

from made_depth import compressed_depth, raw_depth
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image

from posenet_ros.errors import DepthError
from posenet_ros.ros.conversions.depth_images import to_depth_image

MILLIMETRES = np.array([[0, 1000, 2000], [3000, 4000, 65535]], np.uint16)
METRES = np.array([[np.nan, 1, 2], [3, 4, np.inf]], np.float32)
SIZE = (2, 3)
#: All pixels (x, y) in the order of the rows, float64 [2, 6].
PIXELS = np.array([[0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1]], float)
EXPECTED = [np.nan, 1, 2, 3, 4, np.nan]


def depths_of(message: Image | CompressedImage) -> Any:
    return to_depth_image(message, SIZE).at(PIXELS)


@pytest.mark.parametrize('values', [MILLIMETRES, METRES], ids=['16UC1', '32FC1'])
@pytest.mark.parametrize('padding', [0, 1, 6])
@pytest.mark.parametrize('order', ['<', '>'])
def test_raw_depth_is_read_in_any_byte_order_with_or_without_padding(
    values: Any, padding: int, order: str
) -> None:
    message = raw_depth(values.astype(values.dtype.newbyteorder(order)), padding=padding)
    np.testing.assert_allclose(depths_of(message), EXPECTED, rtol=1e-6)


@pytest.mark.parametrize(
    ('values', 'tolerance'), [(MILLIMETRES, 1e-6), (METRES, 0.01)], ids=['16UC1', '32FC1']
)
def test_compressed_depth_is_read_as_it_was_before(values: Any, tolerance: float) -> None:
    np.testing.assert_allclose(depths_of(compressed_depth(values)), EXPECTED, rtol=tolerance)


@pytest.mark.parametrize('encoding', ['mono16', 'rgb8', '64FC1', ''])
def test_another_encoding_is_refused_by_name(encoding: str) -> None:
    message = raw_depth(MILLIMETRES)
    message.encoding = encoding
    with pytest.raises(DepthError, match=f"encoding '{encoding}' .* publish 16UC1"):
        depths_of(message)


def test_another_encoding_of_compressed_depth_is_refused_by_name() -> None:
    message = compressed_depth(MILLIMETRES)
    message.format = 'bgr8; jpeg compressed bgr8'
    with pytest.raises(DepthError, match="encoding 'bgr8'"):
        depths_of(message)


def test_rvl_is_refused_by_name() -> None:
    message = compressed_depth(MILLIMETRES)
    message.format = '16UC1; compressedDepth rvl'
    with pytest.raises(DepthError, match=r'RVL; set the parameter format .* to png'):
        depths_of(message)


@pytest.mark.parametrize(
    'fields',
    [{'step': 5}, {'height': 3}, {'width': 4}, {'height': 0}, {'data': array('B')}],
    ids=lambda fields: next(iter(fields)),
)
def test_fields_that_contradict_each_other_are_refused(fields: dict[str, Any]) -> None:
    message = raw_depth(MILLIMETRES)
    for name, value in fields.items():
        setattr(message, name, value)
    with pytest.raises(DepthError, match='publish complete images'):
        depths_of(message)


@pytest.mark.parametrize('length', [0, 11, 12, 40])
def test_compressed_depth_that_ends_early_is_refused(length: int) -> None:
    message = compressed_depth(MILLIMETRES)
    message.data = message.data[:length]
    with pytest.raises(DepthError):
        depths_of(message)


@pytest.mark.parametrize('make', [raw_depth, compressed_depth])
def test_depth_with_too_many_pixels_is_refused(make: Any) -> None:
    with pytest.raises(DepthError, match='max_image_pixels'):
        to_depth_image(make(MILLIMETRES), SIZE, max_pixels=5)


def test_damaged_messages_are_converted_or_refused() -> None:
    choice = random.Random(0)
    sides = (0, 1, 4, 6, 2**32 - 1)
    refused = 0
    for number in range(400):
        message = compressed_depth(np.full((40, 60), 1.5, np.float32))
        for _ in range(choice.randrange(4)):
            message.data[choice.randrange(len(message.data))] = choice.randrange(256)
        message.data = message.data[: choice.choice([choice.randrange(99), len(message.data)])]
        raw = Image(
            height=choice.choice(sides),
            width=choice.choice(sides),
            step=choice.choice((0, 11, 12, 13, 2**32 - 1)),
            encoding='16UC1',
            data=array('B', bytes(choice.choice((0, 1, 47, 48, 1000)))),
        )
        try:
            to_depth_image(raw if number % 2 else message, (40, 60)).at(PIXELS)
        except DepthError:
            refused += 1
    assert 100 < refused < 400


def test_depth_of_another_aspect_is_refused() -> None:
    with pytest.raises(DepthError, match='aspect'):
        to_depth_image(raw_depth(MILLIMETRES), (40, 400))
