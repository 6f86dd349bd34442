"""
Reading video files with PyAV.

PyAV reports what OpenCV's VideoCapture does not: errors with their reasons, and whether the file
ends before the video does.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError
from posenet_ros.image_decoding.pixel_limit import check_pixel_count
from posenet_ros.image_files import image_file_errors
from posenet_ros.regular_files import open_regular_file
from posenet_ros.settings import MAX_IMAGE_PIXELS
from posenet_ros.videos.decoding import BrokenVideoError, decode, ffmpeg_reason
from posenet_ros.videos.frame_times import FrameTimes
from posenet_ros.videos.frames import FrameSelection, UnreadFrame, VideoFrame
from posenet_ros.videos.pyav import load_pyav

# A file that names others, such as a playlist, must not reach the network.
_PROTOCOLS = {'protocol_whitelist': 'file'}
# FFmpeg's time base of a whole file.
_MICROSECONDS = 1e6
_DEFAULT_RATE = 30.0


class VideoFile:
    """The frames of the first video stream of a file, for one pass, as a context manager."""

    def __init__(self, path: Path, *, max_pixels: int = MAX_IMAGE_PIXELS) -> None:
        """
        Open a file.

        Raises ImageError if it cannot be opened, is not a regular file, has no video, or its
        frames have more than `max_pixels` pixels, and MissingDependencyError without PyAV.
        """
        self.name = str(path)
        self._path = path
        self._max_pixels = max_pixels
        self._av = load_pyav()
        # FFmpeg must not close a file in one thread while another thread decodes it.
        self._in_use = Lock()
        self._closed = False
        self._container = self._open()
        try:
            self._stream = self._find_stream()
        except BaseException:
            self._container.close()
            raise
        self.rate = float(self._stream.average_rate or _DEFAULT_RATE)
        duration = self._container.duration
        self.duration: float | None = duration / _MICROSECONDS if duration else None

    def __enter__(self) -> 'VideoFile':
        return self

    def __exit__(self, *_: object) -> None:
        with self._in_use:
            self._closed = True
            self._container.close()

    def frames(self, selection: FrameSelection | None = None) -> Iterator[VideoFrame]:
        """
        Return the selected frames, by default all of them, upright.

        Raises ImageError at the first frame that cannot be read, and at the end if the file ends
        before the video does. Its cause is an OSError only if the disk or the network failed.
        Frames before the start of the selection are decoded, too, so that the numbers of frames
        are exact.
        """
        return (selection or FrameSelection()).select(self._number(self._decode()))

    def _open(self) -> Any:
        with image_file_errors(self._path), open_regular_file(self._path):
            pass
        try:
            # With the protocol, so that FFmpeg does not look for one in the name.
            return self._av.open(f'file:{self._path}', options=_PROTOCOLS)
        except (self._av.FFmpegError, UnicodeError) as error:
            raise ImageError(
                f'cannot open {self._path}: it is neither an image nor a video that can be read '
                f'({ffmpeg_reason(error)}); convert it, or copy it again if it is incomplete'
            ) from error

    def _find_stream(self) -> Any:
        streams = self._container.streams.video
        if not streams or streams[0].codec_context is None:
            raise ImageError(
                f'cannot read {self._path}: it has no video that can be decoded; copy it again if '
                'it is incomplete'
            )
        context = streams[0].codec_context
        self._check_size(context.width, context.height)
        # FFmpeg refuses frames that turn out to be larger before it allocates them.
        context.options = {'max_pixels': str(self._max_pixels)}
        context.thread_type = 'AUTO'
        return streams[0]

    def _check_size(self, width: int, height: int) -> None:
        try:
            check_pixel_count(width, height, self._max_pixels)
        except ImageError as error:
            raise ImageError(f'cannot read {self._path}: {error}') from error

    def _number(self, frames: Iterator[Any]) -> Iterator[UnreadFrame]:
        """Return the frames with their numbers and times."""
        times = FrameTimes(
            container=self._container.format.name,
            start=self._stream.start_time,
            time_base=self._stream.time_base,
            rate=self.rate,
        )
        for index, frame in enumerate(frames):
            time = times.time_of_next(shown=frame.pts, decoded=frame.dts)
            yield UnreadFrame(index, time, partial(self._to_image, frame))

    def _to_image(self, frame: Any) -> NDArray[np.uint8]:
        """Return a frame as uint8 RGB [height, width, 3], upright."""
        self._check_size(frame.width, frame.height)
        turns = round(frame.rotation / 90) % 4
        image = frame.to_ndarray(format='rgb24')
        return np.ascontiguousarray(np.rot90(image, turns), np.uint8)

    def _decode(self) -> Iterator[Any]:
        """Return FFmpeg's frames; raises ImageError where the video cannot be read on."""
        frames = decode(self._container, self._stream, duration=self.duration or 0.0)
        try:
            while (frame := self._next(frames)) is not None:
                yield frame
        except BrokenVideoError as error:
            if error.disk_error is not None:
                raise ImageError(
                    f'cannot read {self._path} after its first {error.count} frames: {error}'
                ) from error.disk_error
            if not error.count:
                raise ImageError(
                    f'cannot read {self._path}: none of its frames can be decoded ({error})'
                ) from error
            raise ImageError(
                f'{self._path} is broken after its first {error.count} frames: {error}'
            ) from error

    def _next(self, frames: Iterator[Any]) -> Any:
        """Return the next frame, or None at the end and after the file was closed."""
        with self._in_use:
            return None if self._closed else next(frames, None)
