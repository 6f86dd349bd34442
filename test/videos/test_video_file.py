from collections.abc import Iterator
from contextlib import suppress
import errno
from itertools import islice
import os
from pathlib import Path
import socket
import sys
import threading
from types import SimpleNamespace
from typing import Any

import av
from made_videos import (
    brightness,
    plain_frames,
    truncate,
    turn_clockwise,
    walking_frames,
    write_sound,
    write_video,
)
import numpy as np
import pytest

from posenet_ros.errors import ImageError, MissingDependencyError
from posenet_ros.videos import FrameSelection, video_file, VideoFile, VideoFrame


def read_all(path: Path, selection: FrameSelection | None = None) -> list[VideoFrame]:
    with VideoFile(path) as video:
        return list(video.frames(selection))


def read_until_broken(path: Path) -> tuple[list[VideoFrame], str]:
    """Return the frames before the break, and the message."""
    frames: list[VideoFrame] = []
    with VideoFile(path) as video, pytest.raises(ImageError) as raised:
        frames.extend(video.frames())
    return frames, str(raised.value)


@pytest.mark.parametrize('name', ['video.mp4', 'video.mkv', 'video.ts', 'video.mov'])
def test_every_frame_has_its_number_time_and_pixels(name: str, tmp_path: Path) -> None:
    images = plain_frames(20)
    frames = read_all(write_video(tmp_path / name, images))
    assert [frame.index for frame in frames] == list(range(20))
    assert [frame.time for frame in frames] == pytest.approx(np.arange(20) / 30, abs=1e-3)
    for frame, image in zip(frames, images, strict=True):
        assert frame.image.shape == (48, 64, 3)
        assert brightness(frame.image) == pytest.approx(brightness(image), abs=3)


def test_frames_of_an_avi_have_times_that_increase(tmp_path: Path) -> None:
    """Such a file has the times of decoding only, and H.264 decodes frames in another order."""
    images = walking_frames(40, size=64)
    frames = read_all(write_video(tmp_path / 'v.avi', images))
    for frame, image in zip(frames, images, strict=True):
        assert np.abs(frame.image.astype(float) - image).mean() < 12
    assert [frame.time for frame in frames] == pytest.approx(np.arange(40) / 30, abs=1e-3)


def test_the_rate_and_the_duration_are_known_before_the_frames(tmp_path: Path) -> None:
    with VideoFile(write_video(tmp_path / 'v.mp4', plain_frames(25), rate=25)) as video:
        assert (video.rate, video.duration) == (25, 1.0)


def test_sound_changes_nothing(tmp_path: Path) -> None:
    frames = read_all(write_video(tmp_path / 'v.mp4', plain_frames(30), sound=True))
    assert [frame.time for frame in frames] == pytest.approx(np.arange(30) / 30, abs=1e-3)


@pytest.mark.parametrize('name', ['v.mp4', 'v.mkv'])
def test_a_file_whose_sound_starts_later_is_intact(name: str, tmp_path: Path) -> None:
    path = write_video(tmp_path / name, plain_frames(60), sound=True, sound_start=1.0)
    assert len(read_all(path)) == 60


def test_the_times_of_a_video_with_a_variable_rate_are_kept(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.15, 0.9, 1.0, 2.5]
    frames = read_all(write_video(tmp_path / 'v.mp4', plain_frames(6), times=times))
    assert [frame.time for frame in frames] == pytest.approx(times, abs=1e-4)


def test_a_video_that_a_phone_turned_is_upright(tmp_path: Path) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(3))
    turn_clockwise(path)
    for frame in read_all(path):
        assert frame.image.shape == (64, 48, 3)
        red = frame.image[..., 0] > 200
        assert red[:30, 26:].all()  # the top left quarter is at the top right
        assert not red[:, :22].any()


def test_a_video_may_have_one_frame(tmp_path: Path) -> None:
    (frame,) = read_all(write_video(tmp_path / 'v.mp4', plain_frames(1)))
    assert (frame.index, frame.time) == (0, 0.0)


def test_a_selection_keeps_the_numbers_and_times_of_the_whole_video(tmp_path: Path) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(30))
    frames = read_all(path, FrameSelection(every=3, start=0.5, end=0.8))
    assert [frame.index for frame in frames] == [15, 18, 21]
    assert [frame.time for frame in frames] == pytest.approx([0.5, 0.6, 0.7])


@pytest.mark.parametrize(
    ('name', 'options'),
    [('v.mp4', {'movflags': 'faststart'}), ('v.mkv', {})],
    ids=lambda value: value if isinstance(value, str) else '',
)
def test_a_truncated_video_gives_the_frames_before_the_break_and_an_error(
    name: str, options: dict[str, str], tmp_path: Path
) -> None:
    images = walking_frames(60, size=64)
    path = write_video(tmp_path / name, images, options=options)
    truncate(path, 0.5)
    frames, message = read_until_broken(path)
    assert 5 < len(frames) < 50
    assert [frame.index for frame in frames] == list(range(len(frames)))
    for frame, image in zip(frames, images, strict=False):
        assert np.abs(frame.image.astype(float) - image).mean() < 8
    assert f'{path} is broken after its first {len(frames)} frames' in message


def test_damage_in_the_middle_ends_the_frames_with_an_error(tmp_path: Path) -> None:
    path = write_video(
        tmp_path / 'v.mp4', walking_frames(60, size=64), options={'movflags': 'faststart'}
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle:-100] = b'\xff' * (len(content) - 100 - middle)
    path.write_bytes(content)
    frames, message = read_until_broken(path)
    assert 5 < len(frames) < 55
    assert 'is broken after its first' in message


class FailingDisk:
    """A container of PyAV whose disk fails after some packets."""

    def __init__(
        self, container: Any, error: Exception, *, cuts_packet: bool, loses_file: bool
    ) -> None:
        """
        Raise an error after five packets, and after half a packet if `cuts_packet`.

        With `loses_file`, the file cannot be opened any more.
        """
        self._container = container
        self._error = error
        self._cuts_packet = cuts_packet
        self._loses_file = loses_file

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the container."""
        return getattr(self._container, name)

    def demux(self) -> Iterator[Any]:
        """Return packets, as FFmpeg does when it cannot read on."""
        packets = self._container.demux()
        yield from islice(packets, 5)
        if self._cuts_packet:
            half = ('stream', 'pts', 'dts', 'duration', 'time_base')
            cut = next(packets)
            yield SimpleNamespace(is_corrupt=True, **{one: getattr(cut, one) for one in half})
        if self._loses_file:
            Path(self._container.name.removeprefix('file:')).unlink()
        raise self._error


@pytest.mark.parametrize('cuts_packet', [False, True])
@pytest.mark.parametrize(
    ('error', 'loses_file', 'is_cause'),
    [
        (av.error.OSError(errno.ESTALE, 'Stale file handle'), False, True),
        (av.error.OSError(errno.EIO, 'Input/output error'), True, True),
        (av.error.OSError(errno.EIO, 'Input/output error'), False, False),
        (av.error.InvalidDataError(errno.EINVAL, 'Invalid data'), False, False),
        (av.error.PermissionError(errno.EPERM, 'Operation not permitted'), False, False),
    ],
    ids=['network', 'disk', 'a format that uses the code of the disk', 'damage', 'code of FFmpeg'],
)
def test_an_error_of_the_disk_is_the_cause_of_the_message_and_damage_has_none(
    error: Exception, loses_file: bool, is_cause: bool, cuts_packet: bool, tmp_path: Path
) -> None:
    path, frames = write_video(tmp_path / 'v.mp4', plain_frames(30)), list[VideoFrame]()
    with VideoFile(path) as video:
        video._container = FailingDisk(
            video._container, error, cuts_packet=cuts_packet, loses_file=loses_file
        )
        with pytest.raises(ImageError) as raised:
            frames.extend(video.frames())
    assert 1 <= len(frames) <= 6
    assert f'{path} is broken after' in str(raised.value) or is_cause
    assert (raised.value.__cause__ is error) == is_cause
    if is_cause:
        reason = str(error).partition('] ')[2].partition(':')[0]
        assert f'cannot read {path} after its first {len(frames)} frames: {reason}' in str(
            raised.value
        )


def test_an_mp4_without_its_end_cannot_be_opened(tmp_path: Path) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(10))
    truncate(path, 0.6)
    with pytest.raises(ImageError, match=r'cannot .*v\.mp4: .*copy it again'):
        VideoFile(path)


@pytest.mark.parametrize(
    ('content', 'reason'), [(b'', 'cannot open'), (b'hello' * 1000, 'neither an image nor')]
)
def test_a_file_of_another_kind_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / 'file.mp4'
    path.write_bytes(content)
    with pytest.raises(ImageError, match=reason):
        VideoFile(path)


def test_a_file_that_is_not_regular_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / 'fifo')
    with pytest.raises(ImageError, match='it is a FIFO or a device'):
        VideoFile(tmp_path / 'fifo')


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = write_sound(tmp_path / 'v.m4a')
    with pytest.raises(ImageError, match='it has no video'):
        VideoFile(path)


def test_a_playlist_reaches_no_network(tmp_path: Path) -> None:
    path, visitors = tmp_path / 'list.m3u8', list[object]()

    def hang_up(server: socket.socket) -> None:
        with suppress(OSError):  # the server is shut down
            while True:
                connection, address = server.accept()
                visitors.append(address)
                connection.close()

    with socket.create_server(('127.0.0.1', 0)) as server:
        serving = threading.Thread(target=hang_up, args=(server,), daemon=True)
        serving.start()
        url = f'http://127.0.0.1:{server.getsockname()[1]}/a.ts'
        path.write_text(f'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n')
        with pytest.raises(ImageError, match='cannot'):
            read_all(path)
        server.shutdown(socket.SHUT_RDWR)
        serving.join(timeout=60)
    assert visitors == []


def test_a_file_is_not_closed_while_another_thread_decodes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoding, gate, events = threading.Event(), threading.Event(), list[str]()

    def decode(*_: object, **__: object) -> Iterator[None]:
        decoding.set()
        assert gate.wait(timeout=60)
        events.append('decoded')
        yield from ()

    monkeypatch.setattr(video_file, 'decode', decode)
    video = VideoFile(write_video(tmp_path / 'v.mp4', plain_frames(2)))
    closed = SimpleNamespace(close=lambda: events.append('closed'), format=video._container.format)
    video._container.close()
    video._container = closed
    reading = threading.Thread(target=lambda: list(video.frames()))
    closing = threading.Thread(target=video.__exit__, args=(None, None, None))
    reading.start()
    assert decoding.wait(timeout=60)
    closing.start()
    closing.join(timeout=0.05)
    assert closing.is_alive()
    gate.set()
    for thread in (reading, closing):
        thread.join(timeout=60)
    assert events == ['decoded', 'closed']


def test_frames_that_are_too_large_are_refused_before_any_is_decoded(tmp_path: Path) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(2))
    with pytest.raises(ImageError, match='width x height is 64x48'):
        VideoFile(path, max_pixels=64 * 48 - 1)
    VideoFile(path, max_pixels=64 * 48).__exit__(None, None, None)


def test_without_pyav_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, 'av', None)
    with pytest.raises(MissingDependencyError, match='pip install "av>=17"'):
        VideoFile(tmp_path / 'v.mp4')


@pytest.mark.parametrize('name', ['a|b.mp4', 'http:x.mp4', 'concat:a.mp4', 'ä \udcff.mp4'])
def test_any_name_of_a_file_is_read(name: str, tmp_path: Path) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(2)).rename(tmp_path / name)
    assert len(read_all(path)) == 2
