import io

import numpy as np
from PIL import Image
import pytest

from posenet_ros.image_decoding.formats import find_format, START_BYTES


@pytest.mark.parametrize('name', ['JPEG', 'PNG', 'WebP', 'BMP', 'TIFF', 'PPM'])
def test_a_format_is_found_from_the_first_bytes(name: str) -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(file, name)
    found = find_format(file.getvalue()[:START_BYTES])
    assert found
    assert found.name == name.replace('PPM', 'PNM')


@pytest.mark.parametrize('start', [b'', b'GIF89a', b'%!PS-Adobe', b'%PDF-1.4', b'RIFF1234AVI '])
def test_other_files_have_no_format(start: bytes) -> None:
    assert find_format(start) is None
