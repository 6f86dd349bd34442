"""A webcam as a video without an end."""

from collections.abc import Callable, Iterator
import time

import numpy as np
from numpy.typing import NDArray

from posenet_ros.frame_sources import open_source
from posenet_ros.videos.frames import FrameSelection, UnreadFrame, VideoFrame

# What most webcams have. Times are measured, so it only determines how long the last frame lasts.
_RATE = 30.0


class Webcam:
    """The frames of a webcam, with the times when they were received."""

    def __init__(
        self, device: str, *, max_pixels: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Open the webcam with a number or a device file; raises ImageError."""
        self.name = f'webcam {device}' if device.isdecimal() else device
        self.rate = _RATE
        self.duration: float | None = None
        self._clock = clock
        self._images = open_source(device, loop=False, max_pixels=max_pixels)

    def __enter__(self) -> 'Webcam':
        return self

    def __exit__(self, *_: object) -> None: ...

    def frames(self, selection: FrameSelection) -> Iterator[VideoFrame]:
        """Return the selected frames; raises ImageError when the webcam is unplugged."""
        return selection.select(self._timed())

    def _timed(self) -> Iterator[UnreadFrame]:
        first: float | None = None
        for index, image in enumerate(self._images):
            now = self._clock()
            first = now if first is None else first
            yield UnreadFrame(index, now - first, _reader(image))


def _reader(image: NDArray[np.uint8]) -> Callable[[], NDArray[np.uint8]]:
    return lambda: image
