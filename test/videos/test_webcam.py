from collections.abc import Iterator
import itertools

import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.videos import FrameSelection, webcam
from posenet_ros.videos.webcam import Webcam


def test_frames_have_the_times_when_they_were_received(monkeypatch: pytest.MonkeyPatch) -> None:
    def images(source: str, *, loop: bool, max_pixels: int) -> Iterator[NDArray[np.uint8]]:
        assert (source, loop, max_pixels) == ('0', False, 100)
        return itertools.repeat(np.zeros((2, 3, 3), np.uint8))

    monkeypatch.setattr(webcam, 'open_source', images)
    clock = iter([5.0, 5.1, 5.4, 6.2, 6.3])
    with Webcam('0', max_pixels=100, clock=lambda: next(clock)) as camera:
        frames = list(camera.frames(FrameSelection(start=0.1, end=1.3, every=2)))
        assert camera.duration is None
    assert [frame.index for frame in frames] == [1, 3]
    assert [frame.time for frame in frames] == pytest.approx([0.1, 1.2])


def test_a_webcam_that_is_not_there_is_refused() -> None:
    with pytest.raises(ImageError, match='there is no /dev/video99'):
        Webcam('99', max_pixels=100)
