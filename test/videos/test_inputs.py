from pathlib import Path

from made_videos import plain_frames, write_video
import numpy as np
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.image_files import write_png
from posenet_ros.videos import VideoFile
from posenet_ros.videos.inputs import files_of, is_image_file, is_picture, is_readable, open_frames
from posenet_ros.videos.numbered_images import NumberedImages


def write_picture(path: Path) -> str:
    write_png(path, np.zeros((4, 6, 3), np.uint8))
    return str(path)


def test_the_content_of_a_file_decides_whether_it_is_an_image(tmp_path: Path) -> None:
    assert is_picture(write_picture(tmp_path / 'picture.mp4'))
    video = write_video(tmp_path / 'v.mp4', plain_frames(2)).rename(tmp_path / 'video.png')
    assert not is_picture(str(video))
    with open_frames(str(video), rate=30, max_pixels=10_000) as source:
        assert isinstance(source, VideoFile)


@pytest.mark.parametrize('name', ['nowhere.mp4', 'folder', 'empty'])
def test_what_cannot_be_read_counts_as_an_image(name: str, tmp_path: Path) -> None:
    (tmp_path / 'folder').mkdir()
    (tmp_path / 'empty').write_bytes(b'')
    assert is_picture(str(tmp_path / name))
    assert not is_readable(str(tmp_path / name))


def test_whether_a_webcam_or_numbered_images_are_readable_is_not_known_before_they_are_opened(
    tmp_path: Path,
) -> None:
    assert is_readable('0')
    assert is_readable(str(tmp_path / '%04d.png'))
    assert is_readable(write_picture(tmp_path / 'picture.png'))


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    pattern = str(tmp_path / '%d.png')
    assert not is_picture(pattern)
    write_picture(tmp_path / '1.png')
    with open_frames(pattern, rate=10, max_pixels=100) as source:
        assert isinstance(source, NumberedImages)
        assert source.rate == 10
    write_picture(tmp_path / '%d.png')
    assert is_picture(pattern)


def test_a_link_to_a_video_device_is_a_webcam(tmp_path: Path) -> None:
    link = tmp_path / 'usb-Webcam-video-index0'
    link.symlink_to('/dev/video99')
    assert not is_picture(str(link))
    with pytest.raises(ImageError, match='cannot open webcam 99'):
        open_frames(str(link), rate=30, max_pixels=100)


@pytest.mark.parametrize('name', ['99', '/dev/video99'])
def test_a_number_or_a_video_device_is_a_webcam(name: str) -> None:
    assert not is_picture(name)
    with pytest.raises(ImageError, match='cannot open webcam 99'):
        open_frames(name, rate=30, max_pixels=100)


def test_only_a_file_that_can_be_read_is_an_image_file(tmp_path: Path) -> None:
    (tmp_path / 'empty').touch()
    assert is_image_file(write_picture(tmp_path / '1.png'))
    video = write_video(tmp_path / 'v.mp4', plain_frames(2))
    for path in (tmp_path / 'nowhere.png', tmp_path / 'empty', tmp_path / '%d.png', video):
        assert not is_image_file(str(path))
    assert not is_image_file('0')


def test_the_files_of_an_input_are_known(tmp_path: Path) -> None:
    for number in (10, 9):
        write_picture(tmp_path / f'{number}.png')
    assert files_of(str(tmp_path / '%d.png')) == [tmp_path / '9.png', tmp_path / '10.png']
    assert files_of('v.mp4') == [Path('v.mp4')]
    with pytest.raises(ImageError, match='there is no image with such a name'):
        files_of(str(tmp_path / 'a%d.png'))
