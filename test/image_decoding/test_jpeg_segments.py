import io
import re

import cv2
import numpy as np
from PIL import Image
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.jpeg_segments import split_metadata

PICTURE = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
EXIF = Image.Exif()
EXIF[0x0112] = 6


def jpeg(**options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, 'JPEG', **options)
    return file.getvalue()


@pytest.mark.parametrize('options', [{}, {'progressive': True}, {'subsampling': 0}])
def test_only_metadata_are_removed(options: dict[str, object]) -> None:
    content = jpeg(exif=EXIF, comment=b'a comment', icc_profile=bytes(1000), **options)
    split = split_metadata(content)
    assert split.exif == EXIF.tobytes()
    assert b'comment' not in split.pixels
    assert b'Exif' not in split.pixels
    assert b'JFIF' in split.pixels
    assert len(split.pixels) < len(content) - 1000
    for flags in (cv2.IMREAD_COLOR, cv2.IMREAD_GRAYSCALE):
        before, after = (
            cv2.imdecode(np.frombuffer(data, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION)
            for data in (content, split.pixels)
        )
        np.testing.assert_array_equal(after, before)


def test_what_follows_the_end_marker_is_removed() -> None:
    content = jpeg()
    assert split_metadata(content + b'\xff\xda' * 1000).pixels == content


def test_a_jpeg_without_an_end_marker_ends_early() -> None:
    content = jpeg(exif=EXIF)
    for size in (2, 3, 30, len(content) // 2, len(content) - 2):
        with pytest.raises(ImageError, match=f'ends early, after {size} bytes'):
            split_metadata(content[:size])


def test_a_jpeg_with_thousands_of_scans_or_segments_is_refused() -> None:
    content = jpeg(progressive=True)
    last = [found.start() for found in re.finditer(b'\xff\xda', content)][-1]
    empty_scan = content[last:][:10]
    for many in (empty_scan * 100, b'\xff\xfe\0\2' * 10_001):
        with pytest.raises(ImageError, match='more than 64 scans or 10000 segments'):
            split_metadata(content[:-2] + many + content[-2:])
