"""Raw images without ROS; test_image_encodings.py has all encodings, with messages of ROS."""

from typing import Any

from made_bags import raw, Rgb
import numpy as np
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.messages.raw_images import check_raw_image, raw_to_rgb

PICTURE: Rgb = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)


def message(encoding: str, data: np.ndarray[Any, Any], step: int, **changed: Any) -> Any:
    fields = {'encoding': encoding, 'data': data.view(np.uint8).ravel(), 'step': step}
    return raw(PICTURE, 1, **{**fields, **changed})


def test_an_rgb8_image_shares_the_memory_of_the_message() -> None:
    sent = raw(PICTURE, 1)
    pixels = raw_to_rgb(sent)
    np.testing.assert_array_equal(pixels, PICTURE)
    assert np.shares_memory(pixels, sent.data)


def test_padding_after_the_rows_is_skipped() -> None:
    padded = np.pad(PICTURE.reshape(4, 18), ((0, 0), (0, 5)))
    np.testing.assert_array_equal(raw_to_rgb(message('rgb8', padded, 23)), PICTURE)


def test_channels_are_put_in_the_order_rgb() -> None:
    bgr = np.ascontiguousarray(PICTURE[..., ::-1])
    np.testing.assert_array_equal(raw_to_rgb(message('bgr8', bgr, 18)), PICTURE)


@pytest.mark.parametrize('order', ['<', '>'])
def test_16_bit_values_are_reduced_in_any_byte_order(order: str) -> None:
    values = (PICTURE.astype(np.uint16) * 257).astype(f'{order}u2')
    sent = message('rgb16', values, 36, is_bigendian=int(order == '>'))
    np.testing.assert_array_equal(raw_to_rgb(sent), PICTURE)


@pytest.mark.parametrize(
    ('changed', 'reason'),
    [
        ({'encoding': '16UC1'}, "encoding '16UC1' is not supported"),
        ({'width': 0}, 'the image has no pixels'),
        ({'step': 17}, 'step is 17, too small'),
        ({'height': 5}, 'too few for 6x5 pixels'),
        ({'encoding': 'nv12', 'width': 5}, 'needs multiples of 2x2'),
    ],
)
def test_fields_that_contradict_each_other_are_refused(
    changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ImageError, match=reason):
        check_raw_image(raw(PICTURE, 1, **changed), max_pixels=100)
