from pathlib import Path

import numpy as np
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_files import write_png
from posenet_ros.videos import FrameSelection
from posenet_ros.videos.numbered_images import is_pattern, NumberedImages


def write_images(folder: Path, names: dict[str, int]) -> None:
    """Write images of one brightness each."""
    for name, value in names.items():
        write_png(folder / name, np.full((4, 6, 3), value, np.uint8))


def brightnesses(pattern: Path) -> list[int]:
    images = NumberedImages(str(pattern), rate=10, max_pixels=100)
    return [int(frame.image[0, 0, 0]) for frame in images.frames(FrameSelection())]


@pytest.mark.parametrize('name', ['%d.png', 'a/b_%04d.jpg', '%5d'])
def test_a_name_with_one_number_is_a_pattern(name: str) -> None:
    assert is_pattern(name)


@pytest.mark.parametrize('name', ['a.png', '100%.png', '%d/a.png', '%d_%d.png', '%s.png'])
def test_other_names_are_not(name: str) -> None:
    assert not is_pattern(name)


def test_images_are_ordered_by_number_not_by_name(tmp_path: Path) -> None:
    write_images(tmp_path, {'a10.png': 3, 'a2.png': 2, 'a1.png': 1, 'b3.png': 9, 'a4.jpg': 9})
    assert brightnesses(tmp_path / 'a%d.png') == [1, 2, 3]


def test_a_pattern_may_demand_leading_zeros(tmp_path: Path) -> None:
    write_images(tmp_path, {'0001.png': 1, '0002.png': 2, '3.png': 9, '10000.png': 3})
    assert brightnesses(tmp_path / '%04d.png') == [1, 2, 3]


def test_times_follow_the_rate_and_numbers_count_the_images(tmp_path: Path) -> None:
    write_images(tmp_path, {'5.png': 1, '7.png': 2, '9.png': 3})
    with NumberedImages(str(tmp_path / '%d.png'), rate=4, max_pixels=100) as images:
        assert (images.rate, images.duration) == (4, 0.75)
        frames = list(images.frames(FrameSelection(start=0.25)))
    assert [(frame.index, frame.time) for frame in frames] == [(1, 0.25), (2, 0.5)]


@pytest.mark.parametrize(('folder', 'reason'), [('', 'no image with such'), ('no', 'No such')])
def test_a_pattern_without_images_is_refused(folder: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=reason):
        NumberedImages(str(tmp_path / folder / '%d.png'), rate=30, max_pixels=100)


def test_an_image_that_cannot_be_read_is_an_error_at_its_place(tmp_path: Path) -> None:
    write_images(tmp_path, {'1.png': 1, '3.png': 3})
    (tmp_path / '2.png').write_text('no image')
    frames = NumberedImages(str(tmp_path / '%d.png'), rate=30, max_pixels=100).frames(
        FrameSelection()
    )
    assert next(frames).index == 0
    with pytest.raises(ImageError, match=r'2\.png'):
        next(frames)
