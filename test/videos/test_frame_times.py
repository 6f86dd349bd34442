from fractions import Fraction

import pytest

from posenet_ros.videos.frame_times import FrameTimes


def times(
    container: str, shown: list[int | None], decoded: list[int | None], *, start: int | None = 0
) -> list[float]:
    """Return the times of frames with a time base of 1/100 s, at 10 frames per second."""
    clock = FrameTimes(container=container, start=start, time_base=Fraction(1, 100), rate=10.0)
    return [
        round(clock.time_of_next(shown=one, decoded=other), 6)
        for one, other in zip(shown, decoded, strict=True)
    ]


def test_times_in_the_file_count_from_the_start_of_the_video() -> None:
    assert times('mov,mp4', [50, 53, 90], [None] * 3, start=50) == [0.0, 0.03, 0.4]


def test_without_any_time_the_rate_counts() -> None:
    assert times('h264', [None] * 3, [None] * 3, start=None) == [0.0, 0.1, 0.2]


def test_in_an_avi_the_times_of_decoding_count_and_after_them_the_rate() -> None:
    shown: list[int | None] = [10, 40, 30, 20, 50]
    assert times('avi', shown, [20, 30, 50, None, None]) == [0.0, 0.1, 0.3, 0.4, 0.5]


@pytest.mark.parametrize('decoded', [[0, 10, 20, 30], [None] * 4, [30, 20, 10, 0]])
def test_times_that_go_back_are_replaced(decoded: list[int | None]) -> None:
    assert times('matroska', [0, 30, 20, 40], decoded) == [0.0, 0.3, 0.4, 0.5]
