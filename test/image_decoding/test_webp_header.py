import io

import numpy as np
from PIL import Image
import pytest

from posenet_ros.image_decoding.webp_header import read_webp_size


@pytest.mark.parametrize('lossless', [True, False])
@pytest.mark.parametrize('channels', [3, 4])
@pytest.mark.parametrize('exif', [b'', b'Exif\0\0MM\0*\0\0\0\x08\0\0'])
def test_the_size_is_the_one_that_pillow_reads(lossless: bool, channels: int, exif: bytes) -> None:
    file = io.BytesIO()
    image = Image.fromarray(np.full((259, 517, channels), 100, np.uint8))
    image.save(file, 'WEBP', lossless=lossless, exif=exif)
    assert read_webp_size(file.getvalue()) == (517, 259)


def test_a_broken_header_has_no_size() -> None:
    assert read_webp_size(b'RIFF\0\0\0\0WEBPVP8X') == (0, 0)
    assert read_webp_size(b'RIFF\0\0\0\0WEBPABCD' + bytes(20)) == (0, 0)
