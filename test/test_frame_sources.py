import itertools
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from posenet_ros.errors import ImageError, PosenetError
from posenet_ros.frame_sources import open_source
from posenet_ros.image_files import write_png

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


def test_an_image_is_repeated_and_limited(tmp_path: Path) -> None:
    write_png(tmp_path / 'picture', PICTURE)
    frames = open_source(str(tmp_path / 'picture'), loop=False, max_pixels=48 * 64)
    for frame in itertools.islice(frames, 3):
        np.testing.assert_array_equal(frame, PICTURE)
    with pytest.raises(ImageError, match='width x height is 64x48'):
        open_source(str(tmp_path / 'picture'), loop=False, max_pixels=48 * 64 - 1)


@pytest.mark.parametrize('loop', [False, True])
def test_only_a_video_without_loop_ends(tmp_path: Path, loop: bool) -> None:
    path = tmp_path / 'video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 30, (64, 48))
    for _ in range(3):
        writer.write(PICTURE)
    writer.release()
    frames = open_source(str(path), loop=loop, max_pixels=48 * 64)
    assert len(list(itertools.islice(frames, 8))) == (8 if loop else 3)


def test_a_video_whose_frames_are_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / 'video.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 30, (64, 48))
    writer.write(PICTURE)
    writer.release()
    with pytest.raises(ImageError, match='width x height is 64x48'):
        open_source(str(path), loop=False, max_pixels=48 * 64 - 1)


@pytest.mark.parametrize(
    ('source', 'reason'),
    [
        ('99', 'cannot open webcam 99: there is no /dev/video99; to list all webcams'),
        ('/dev/video99', 'cannot open webcam 99'),
        ('link', 'cannot open webcam 99'),
        ('9' * 20, "cannot open webcam '9{20}': the number has more than 9 digits"),
        ('9' * 10_000, r'cannot open webcam .*\.\.\..*: the number has more than 9 digits'),
        ('nowhere.mp4', 'cannot open .*nowhere.mp4: No such file'),
        ('https://host/video.mp4', 'it is a URL; download'),
        ('empty', 'cannot open .*empty: it is empty'),
        ('fifo', 'cannot open .*fifo: it is a FIFO or a device'),
        ('/dev/zero', 'cannot open /dev/zero: it is a FIFO or a device'),
        ('~no-such-user/x', 'starts with ~'),
        ('a\0b', 'cannot open .*null'),
    ],
)
def test_a_source_that_cannot_be_opened_is_one_error_and_nothing_is_printed(
    source: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    os.mkfifo('fifo')
    Path('empty').touch()
    Path('link').symlink_to('/dev/video99')
    with pytest.raises(PosenetError, match=reason):
        open_source(source, loop=True, max_pixels=1000)
    assert capfd.readouterr().err == ''


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'text').write_text('text')
    with pytest.raises(ImageError, match='text: it is neither an image nor a video'):
        open_source(str(tmp_path / 'text'), loop=True, max_pixels=1000)
