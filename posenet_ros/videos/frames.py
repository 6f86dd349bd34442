"""The frames of videos, webcams and numbered images, and which of them are wanted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
import math
import re
from types import TracebackType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import SettingError
from posenet_ros.quoting import quoted

# Times are read as decimals and computed from ticks, so they may differ by rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class VideoFrame:
    """One frame of a video."""

    #: uint8 RGB [height, width, 3], upright.
    image: NDArray[np.uint8]
    #: Number of the frame in the whole video, from 0 up.
    index: int
    #: When the frame is shown, in seconds from the start of the video.
    time: float


@dataclass(frozen=True, eq=False)
class UnreadFrame:
    """A frame whose image is read only if it is wanted; see `VideoFrame`."""

    index: int
    time: float
    #: Returns the image; only before the next frame is requested.
    read: Callable[[], NDArray[np.uint8]]


@dataclass(frozen=True)
class FrameSelection:
    """Which frames of a video are wanted: every Nth of those from `start` until before `end`."""

    every: int = 1
    #: Seconds from the start of the video.
    start: float = 0.0
    end: float = math.inf

    def __post_init__(self) -> None:
        """Raise SettingError if this can select nothing."""
        if self.every < 1:
            raise SettingError(f'every is {quoted(self.every)}; choose a whole number from 1 up')
        if not 0 <= self.start < self.end:
            raise SettingError(
                f'start is {self.start:g} s and end is {self.end:g} s; choose an end that is '
                'after the start'
            )

    def select(self, frames: Iterable[UnreadFrame]) -> Iterator[VideoFrame]:
        """Return the wanted frames with their images; stops at the first one after the end."""
        count = 0
        for frame in frames:
            if frame.time >= self.end - _ROUNDING:
                return
            if frame.time < self.start - _ROUNDING:
                continue
            if count % self.every == 0:
                yield VideoFrame(frame.read(), frame.index, frame.time)
            count += 1


class FrameSource(Protocol):
    """A video, a webcam or numbered images."""

    #: The name of the source in messages and results.
    name: str
    #: Frames per second, on average.
    rate: float
    #: Seconds from the start to the end; None if not known.
    duration: float | None

    def frames(self, selection: FrameSelection) -> Iterator[VideoFrame]:
        """Return the selected frames; raises ImageError, also during iteration."""

    def __enter__(self) -> 'FrameSource': ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def parse_time(text: str) -> float:
    """Return seconds from a text: SECONDS, MM:SS or HH:MM:SS; raises SettingError."""
    if not re.fullmatch(r'(\d+:){0,2}\d+(\.\d+)?', text, re.ASCII):
        raise SettingError(f'{quoted(text)} is not a time; write seconds, MM:SS or HH:MM:SS')
    seconds = 0.0
    for part in text.split(':'):
        seconds = 60 * seconds + float(part)
    return seconds
