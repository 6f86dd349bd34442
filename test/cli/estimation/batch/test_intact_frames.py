from collections.abc import Iterator

import numpy as np
import pytest

from posenet_ros.cli.estimation.batch.intact_frames import IntactFrames
from posenet_ros.errors import ImageError
from posenet_ros.videos.frames import FrameSelection, VideoFrame


class Broken:
    """A video that is broken after some frames."""

    def __init__(self, intact: int, cause: Exception | None = None) -> None:
        self.name, self.rate = 'v.mp4', 10.0
        self.duration: float | None = 4.0
        self._intact = intact
        self._cause = cause

    def __enter__(self) -> 'Broken':
        return self

    def __exit__(self, *_: object) -> None: ...

    def frames(self, selection: FrameSelection) -> Iterator[VideoFrame]:
        for index in range(self._intact):
            yield VideoFrame(np.zeros((2, 2, 3), np.uint8), index, index / self.rate)
        raise ImageError('v.mp4 is broken') from self._cause


def test_frames_before_the_damage_are_returned_and_the_reason_is_kept() -> None:
    intact = IntactFrames(Broken(2))
    assert (intact.name, intact.rate, intact.duration) == ('v.mp4', 10.0, 4.0)
    assert [frame.index for frame in intact.frames(FrameSelection())] == [0, 1]
    assert intact.damage == 'v.mp4 is broken'


def test_an_error_of_the_disk_is_raised_because_the_next_run_may_read_more() -> None:
    broken = Broken(2, OSError(5, 'Input/output error'))
    with pytest.raises(ImageError, match='broken'):
        list(IntactFrames(broken).frames(FrameSelection()))


def test_without_any_frame_the_error_is_raised() -> None:
    with pytest.raises(ImageError, match='broken'):
        list(IntactFrames(Broken(0)).frames(FrameSelection()))
