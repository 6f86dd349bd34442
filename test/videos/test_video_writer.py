import os
from pathlib import Path
import sys

from made_videos import brightness, plain_frames, read_frames
import numpy as np
import pytest

from posenet_ros.errors import ImageError, MissingDependencyError
from posenet_ros.videos import VideoWriter


def write(path: Path, times: list[float], *, width: int = 64, height: int = 48) -> VideoWriter:
    writer = VideoWriter(path, rate=30)
    for image, time in zip(
        plain_frames(len(times), width=width, height=height), times, strict=True
    ):
        writer.write(image, time)
    return writer


def test_a_video_has_the_times_and_pixels_of_its_frames(tmp_path: Path) -> None:
    times = [0.0, 1 / 30, 0.5, 2.0]
    write(tmp_path / 'a' / 'v.mp4', times).close()
    frames = read_frames(tmp_path / 'a' / 'v.mp4')
    assert [time for time, _ in frames] == pytest.approx(times, abs=1e-4)
    for (_, image), original in zip(frames, plain_frames(4), strict=True):
        assert image.shape == original.shape
        assert brightness(image) == pytest.approx(brightness(original), abs=4)


def test_the_first_frame_is_shown_at_the_start(tmp_path: Path) -> None:
    write(tmp_path / 'v.mp4', [10.0, 10.5]).close()
    assert [time for time, _ in read_frames(tmp_path / 'v.mp4')] == pytest.approx([0, 0.5])


def test_a_video_of_one_frame_has_a_duration(tmp_path: Path) -> None:
    import av

    write(tmp_path / 'v.mp4', [0.0]).close()
    with av.open(str(tmp_path / 'v.mp4')) as container:
        assert container.streams.video[0].codec_context.name == 'h264'
        assert container.duration == pytest.approx(1e6 / 30, rel=0.01)


def test_odd_sides_are_made_even(tmp_path: Path) -> None:
    write(tmp_path / 'v.mp4', [0.0], width=63, height=47).close()
    ((_, image),) = read_frames(tmp_path / 'v.mp4')
    assert image.shape == (48, 64, 3)
    np.testing.assert_allclose(image[47].astype(float), image[46], atol=20)


def test_frames_of_another_size_are_scaled_to_that_of_the_first(tmp_path: Path) -> None:
    writer = write(tmp_path / 'v.mp4', [0.0])
    writer.write(plain_frames(1, width=128, height=96)[0], 0.1)
    writer.close()
    assert [image.shape for _, image in read_frames(tmp_path / 'v.mp4')] == [(48, 64, 3)] * 2


def test_the_file_appears_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / 'v.mp4'
    path.write_text('old')
    writer = write(path, [0.0, 0.1])
    assert path.read_text() == 'old'
    writer.close()
    assert len(read_frames(path)) == 2
    assert os.listdir(tmp_path) == ['v.mp4']


@pytest.mark.parametrize('times', [[], [0.0, 0.1]])
def test_a_discarded_video_leaves_nothing(times: list[float], tmp_path: Path) -> None:
    write(tmp_path / 'v.mp4', times).discard()
    assert os.listdir(tmp_path) == []


def test_without_frames_there_is_no_file(tmp_path: Path) -> None:
    write(tmp_path / 'v.mp4', []).close()
    assert os.listdir(tmp_path) == []


def test_a_video_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('')
    with pytest.raises(ImageError, match=r'cannot write .*v\.mp4: '):
        VideoWriter(tmp_path / 'file' / 'v.mp4', rate=30)


def test_without_pyav_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'av', None)
    with pytest.raises(MissingDependencyError, match='pip install'):
        VideoWriter(tmp_path / 'v.mp4', rate=30)
    assert os.listdir(tmp_path) == []
