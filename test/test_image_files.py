import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_files import read_image, write_png

RED = np.full((4, 6, 3), (255, 0, 0), np.uint8)


def test_a_written_image_can_be_read_back(tmp_path: Path) -> None:
    write_png(tmp_path / 'new folder' / 'image.png', RED)
    np.testing.assert_array_equal(read_image(tmp_path / 'new folder' / 'image.png'), RED)


def test_writing_leaves_no_temporary_file(tmp_path: Path) -> None:
    write_png(tmp_path / 'image.png', RED)
    assert [path.name for path in tmp_path.iterdir()] == ['image.png']


def test_a_grey_image_is_read_as_rgb(tmp_path: Path) -> None:
    path = tmp_path / 'grey.png'
    cv2.imwrite(str(path), np.full((4, 6), 77, np.uint8))
    assert (read_image(path) == 77).all()
    assert read_image(path).shape == (4, 6, 3)


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (b'', 'not an image'),
        (b'not an image', 'not an image'),
        (b'\x89PNG\r\n\x1a\n', 'the PNG ends early'),
    ],
)
def test_a_file_that_is_not_an_image_is_refused_and_named(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / 'broken.png'
    path.write_bytes(content)
    with pytest.raises(ImageError, match=rf'broken\.png: {reason}'):
        read_image(path)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ImageError, match=r'nowhere\.png: No such file'):
        read_image(Path('nowhere.png'))


def test_a_folder_is_not_an_image(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match='Is a directory'):
        read_image(tmp_path)


def test_a_path_that_cannot_be_written_is_named_and_no_temporary_file_is_left(
    tmp_path: Path,
) -> None:
    (tmp_path / 'image.png').mkdir()
    with pytest.raises(ImageError, match=r'cannot write .*image\.png'):
        write_png(tmp_path / 'image.png', RED)
    assert [path.name for path in tmp_path.iterdir()] == ['image.png']


def test_a_truncated_jpeg_is_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / 'half.jpg'
    content = cv2.imencode('.jpg', RED)[1].tobytes()
    path.write_bytes(content[: len(content) - 10])
    with pytest.raises(ImageError, match=r'half\.jpg: the JPEG ends early'):
        read_image(path)


def test_an_image_larger_than_allowed_is_refused_and_named(tmp_path: Path) -> None:
    write_png(tmp_path / 'image.png', RED)
    assert read_image(tmp_path / 'image.png', max_pixels=24).shape == (4, 6, 3)
    with pytest.raises(ImageError, match=r'image\.png: width x height is 6x4: .* which is 23; '):
        read_image(tmp_path / 'image.png', max_pixels=23)


@pytest.mark.parametrize('path', ['/dev/zero', '/dev/null', 'fifo'])
def test_only_a_regular_file_is_read(path: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    with pytest.raises(ImageError, match='it is a FIFO or a device, not a regular file'):
        read_image(tmp_path / path)


def test_a_file_larger_than_512_mb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / 'large.png'
    with path.open('wb') as file:
        file.truncate(512 * 2**20 + 1)
    with pytest.raises(ImageError, match=r'large\.png: it has more than 512 MB'):
        read_image(path)


def test_an_image_is_not_written_through_a_link(tmp_path: Path) -> None:
    other = tmp_path / 'other'
    other.write_text('unchanged')
    for name in ('.image.png.part', 'image.png'):
        (tmp_path / name).symlink_to(other)
    write_png(tmp_path / 'image.png', RED)
    assert other.read_text() == 'unchanged'
    np.testing.assert_array_equal(read_image(tmp_path / 'image.png'), RED)
