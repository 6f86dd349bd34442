import cv2
import numpy as np
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.png_values import decode_png_values

VALUES = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000


def png(values: object) -> bytes:
    done, content = cv2.imencode('.png', np.asarray(values))
    assert done
    return bytes(content.tobytes())


def test_a_grey_png_with_16_bits_keeps_its_values() -> None:
    decoded = decode_png_values(png(VALUES))
    assert decoded.dtype == np.uint16
    np.testing.assert_array_equal(decoded, VALUES)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (b'', 'not a PNG'),
        (b'\xff\xd8\xff', 'not a PNG'),
        (png(VALUES.astype(np.uint8)), 'L values'),
        (png(VALUES)[:-30], 'broken'),
        (png(VALUES)[:20], 'broken'),
    ],
    ids=['empty', 'JPEG', '8 bits', 'ends early', 'header only'],
)
def test_another_file_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        decode_png_values(content)


def test_a_png_with_too_many_pixels_is_refused() -> None:
    with pytest.raises(ImageError, match='larger than max_image_pixels'):
        decode_png_values(png(VALUES), max_pixels=11)
