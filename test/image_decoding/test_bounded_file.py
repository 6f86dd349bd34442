import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.bounded_file import BoundedFile


def test_reading_more_bytes_than_allowed_is_refused() -> None:
    file = BoundedFile(bytes(100), 60)
    assert len(file.read(60)) == 60
    with pytest.raises(ImageError, match='header is too large'):
        file.read(1)
    file.allow(30)
    file.seek(0)
    assert len(file.read(30)) == 30


def test_reading_too_often_is_refused() -> None:
    file = BoundedFile(bytes(512), 10**9)
    for _ in range(10_001):
        file.read(0)
    with pytest.raises(ImageError, match='too many parts'):
        file.read(0)
