import math

import numpy as np
import pytest

from posenet_ros.errors import SettingError
from posenet_ros.videos.frames import FrameSelection, parse_time, UnreadFrame, VideoFrame

IMAGE = np.zeros((2, 3, 3), np.uint8)


def frames(count: int, *, rate: float = 10.0) -> list[UnreadFrame]:
    return [UnreadFrame(index, index / rate, lambda: IMAGE) for index in range(count)]


def indices(selection: FrameSelection, count: int = 20) -> list[int]:
    return [frame.index for frame in selection.select(frames(count))]


def test_by_default_all_frames_are_selected_with_their_images() -> None:
    selected = list(FrameSelection().select(frames(3)))
    assert [(frame.index, frame.time) for frame in selected] == [(0, 0), (1, 0.1), (2, 0.2)]
    assert all(isinstance(frame, VideoFrame) and frame.image is IMAGE for frame in selected)


def test_the_start_is_included_and_the_end_is_not() -> None:
    assert indices(FrameSelection(start=0.3, end=0.6)) == [3, 4, 5]


def test_every_nth_frame_counts_from_the_start() -> None:
    assert indices(FrameSelection(every=4, start=0.3)) == [3, 7, 11, 15, 19]


def test_only_selected_images_are_read_and_nothing_after_the_end() -> None:
    def fail() -> None:
        raise AssertionError

    unwanted = [UnreadFrame(0, 0.0, fail), UnreadFrame(2, 2.0, fail)]  # type: ignore[arg-type]
    unwanted.insert(1, UnreadFrame(1, 1.0, lambda: IMAGE))
    selected = FrameSelection(start=0.5, end=1.5).select(unwanted)
    assert [frame.index for frame in selected] == [1]


@pytest.mark.parametrize(
    ('every', 'start', 'end', 'reason'),
    [
        (0, 0.0, math.inf, 'every is 0'),
        (1, 2.0, 1.0, 'choose an end that is after'),
        (1, 1.0, 1.0, 'choose an end that is after'),
    ],
)
def test_a_selection_of_nothing_is_refused(
    every: int, start: float, end: float, reason: str
) -> None:
    with pytest.raises(SettingError, match=reason):
        FrameSelection(every, start, end)


@pytest.mark.parametrize(
    ('text', 'seconds'),
    [('0', 0), ('12.5', 12.5), ('90', 90), ('1:30', 90), ('01:02:03.25', 3723.25)],
)
def test_a_time_is_seconds_or_has_colons(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize('text', ['', '-1', '1:2:3:4', 'a', '1:', 'nan', 'inf', '1e3', '²'])
def test_other_texts_are_not_times(text: str) -> None:
    with pytest.raises(SettingError, match='write seconds, MM:SS or HH:MM:SS'):
        parse_time(text)
