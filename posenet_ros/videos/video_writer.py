"""
Writing videos with PyAV, as H.264 in MP4.

Every browser, phone and presentation program plays that. VP9 in WebM, the alternative, takes as
long to encode, but older devices of Apple and most programs outside of browsers do not play it.
"""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import ImageError, MissingDependencyError
from posenet_ros.regular_files import UnfinishedFile
from posenet_ros.videos.pyav import load_pyav

_CODEC = 'libx264'
# The usual clock of videos: the times of all common rates are whole ticks.
_TICKS = 90_000
# Visually nearly lossless, and fast enough to keep up with the network.
_OPTIONS = {'preset': 'veryfast', 'crf': '20'}
# Players can start before they have the whole file.
_CONTAINER_OPTIONS = {'movflags': 'faststart'}
_ITU_BT709 = 1


class VideoWriter:
    """
    Writes a video, whose file appears when it is closed.

    Not for use in several threads at once.
    """

    def __init__(self, path: Path, *, rate: float) -> None:
        """
        Create an unfinished file beside `path`, and its folder if necessary.

        `rate` is the usual number of frames per second; their times may differ from it. Raises
        ImageError if the file cannot be created, and MissingDependencyError.
        """
        self._path = path
        self._av = load_pyav()
        if _CODEC not in self._av.codecs_available:
            raise MissingDependencyError(
                f'the installed PyAV was built without {_CODEC}, which writes videos; run: '
                'pip install "av>=17"'
            )
        self._rate = rate
        try:
            self._file = UnfinishedFile(path)
        except OSError as error:
            raise ImageError(f'cannot write {path}: {error.strerror}') from error
        # From the first frame on.
        self._container: Any = None
        self._stream: Any = None
        self._start = 0.0
        self._last = -1

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """
        Add a frame, uint8 RGB [height, width, 3], that is shown at a time in seconds.

        The first one is shown at the start of the video. Times must increase. The video has the
        size of the first image; H.264 needs even sides, so a last row or column may be repeated.
        Raises ImageError if the frame cannot be written.
        """
        if self._stream is None:
            self._start_video(image, time)
        frame = self._av.VideoFrame.from_ndarray(_with_even_sides(image), format='rgb24')
        frame = frame.reformat(
            self._stream.width, self._stream.height, 'yuv420p', dst_colorspace='ITU709'
        )
        self._last = max(self._last + 1, round((time - self._start) * _TICKS))
        frame.pts, frame.time_base = self._last, Fraction(1, _TICKS)
        frame.duration = round(_TICKS / self._rate)
        self._encode(frame)

    def close(self) -> None:
        """
        Finish the video, and give the file its name; without frames, there is no file.

        Raises ImageError if that fails; then there is no file either.
        """
        if self._stream is None:
            self._file.discard()
            return
        try:
            self._encode(None)
            self._container.close()
            self._file.finish()
        except (OSError, self._av.FFmpegError) as error:
            raise self._error(error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Remove the unfinished file; does nothing after `close`."""
        if self._container is not None:
            container, self._container = self._container, None
            with suppress(OSError, self._av.FFmpegError):  # the file is removed anyway
                container.close()
        self._file.discard()

    def _start_video(self, image: NDArray[np.uint8], time: float) -> None:
        height, width = _with_even_sides(image).shape[:2]
        try:
            self._container = self._av.open(
                f'file:{self._file.path}', 'w', format='mp4', options=_CONTAINER_OPTIONS
            )
            rate = Fraction(self._rate).limit_denominator(1001)
            stream = self._container.add_stream(_CODEC, rate=rate, options=_OPTIONS)
        except (OSError, self._av.FFmpegError) as error:
            raise self._error(error) from error
        stream.width, stream.height, stream.pix_fmt = width, height, 'yuv420p'
        stream.codec_context.time_base = Fraction(1, _TICKS)
        stream.codec_context.colorspace = _ITU_BT709
        stream.codec_context.color_primaries = _ITU_BT709
        stream.codec_context.color_trc = _ITU_BT709
        self._stream, self._start = stream, time

    def _encode(self, frame: Any) -> None:
        """Encode a frame, or with None those that the encoder still holds."""
        try:
            for packet in self._stream.encode(frame):
                self._container.mux(packet)
        except (OSError, self._av.FFmpegError) as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> ImageError:
        return ImageError(f'cannot write {self._path}: {getattr(error, "strerror", error)}')


def _with_even_sides(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image whose last row and column are repeated if their numbers are odd."""
    height, width = image.shape[:2]
    if height % 2 == width % 2 == 0:
        return image
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), 'edge')
