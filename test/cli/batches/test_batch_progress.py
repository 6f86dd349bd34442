import io
from pathlib import Path
import re
from typing import Any

import pytest
from tqdm import tqdm

from posenet_ros.cli.batches import batch_progress
from posenet_ros.cli.batches.batch_progress import BAGS, BatchProgress, VIDEOS
from posenet_ros.cli.signals import Interruption

A, B = Path('a'), Path('b')


def test_one_bag_is_counted_in_images() -> None:
    with BatchProgress(1, BAGS, Interruption()) as progress:
        progress.begin(A, 10)
        for _ in range(4):
            progress.advance(recalled=False)
        assert str(progress) == '4 of 10 images are done'


def test_several_bags_are_counted_in_bags_and_images() -> None:
    with BatchProgress(2, BAGS, Interruption()) as progress:
        progress.begin(A, 1)
        progress.advance(recalled=False)
        progress.finish(A)
        assert str(progress) == '1 of 2 bags and 1 images are done'
        progress.begin(B, 3)
        assert str(progress) == '1 of 2 bags and 1 of 4 images are done'


def test_a_bag_that_was_not_opened_counts_as_finished() -> None:
    with BatchProgress(2, BAGS, Interruption()) as progress:
        progress.finish(A)
        assert str(progress) == '1 of 2 bags and 0 images are done'


def test_bags_continue_after_an_interruption_where_they_stopped() -> None:
    with BatchProgress(2, BAGS, Interruption()) as progress:
        progress.begin(A, 10)
        progress.advance()
        assert progress.describe_stop() == (
            '0 of 2 bags and 1 images are done; to continue, run the same command again'
        )


def test_frames_of_videos_that_are_not_complete_do_not_count_because_they_are_dropped() -> None:
    with BatchProgress(3, VIDEOS, Interruption()) as progress:
        for source in (A, B):
            progress.begin(source, 10)
            progress.advance()
        progress.finish(A)
        message = progress.describe_stop()
        assert message.startswith('1 of 3 videos are complete')
        assert 'starts again from its first frame' in message
        assert 'frames are done' not in message


def test_a_failed_video_is_not_complete() -> None:
    with BatchProgress(3, VIDEOS, Interruption()) as progress:
        progress.finish(A, failed=True)
        assert progress.describe_stop().startswith('0 of 3 videos are complete, 1 failed')


def test_a_single_video_that_was_interrupted_starts_again() -> None:
    with BatchProgress(1, VIDEOS, Interruption()) as progress:
        progress.begin(A, 10)
        assert progress.describe_stop() == (
            'the video is not complete; the same command starts again from its first frame'
        )


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list to which each bar is added that is created; bars go into texts."""
    made: list[Any] = []

    def new_bar(label: str, **options: Any) -> Any:
        made.append(tqdm(desc=label, file=io.StringIO(), disable=False, **options))
        return made[-1]

    monkeypatch.setattr(batch_progress, 'new_bar', new_bar)
    return made


def test_recalled_images_count_but_not_in_the_rate(bars: list[Any]) -> None:
    with BatchProgress(1, BAGS, Interruption()) as progress:
        progress.begin(A, 10)
        for number in range(6):
            progress.advance(recalled=number < 4)
        assert (bars[0].n, bars[0].initial) == (6, 4)
        assert bars[0].format_dict['rate'] is None  # so that tqdm computes it from these two
        assert str(progress) == '6 of 10 images are done'


def test_the_bar_shows_the_rate_and_the_time_left_of_all_sources(bars: list[Any]) -> None:
    with BatchProgress(4, VIDEOS, Interruption()) as progress:
        progress.begin(A, 10)
        progress.advance()
        assert re.search(r'video 1 of 4 .*\| 1/40 frames, .*frames/s, .* left', str(bars[0]))
        progress.finish(A)
        progress.begin(B, 20)
        assert re.search(r'video 2 of 4 .*\| 1/60 frames', str(bars[0]))


def test_a_source_whose_length_is_not_known_is_counted(bars: list[Any]) -> None:
    with BatchProgress(1, VIDEOS, Interruption()) as progress:
        progress.begin(Path('webcam 0'), 0)
        progress.advance()
        assert re.search(r'webcam 0 1 frames, .*frames/s$', str(bars[0]))


def test_a_source_with_more_images_than_stated_is_not_done_before_its_end(
    bars: list[Any],
) -> None:
    with BatchProgress(1, VIDEOS, Interruption()) as progress:
        progress.begin(A, 1)
        for _ in range(3):
            progress.advance()
        assert '100%' in str(bars[0])
        assert '3/3 frames' in str(bars[0])


def test_without_a_bar_the_images_are_counted_all_the_same(bars: list[Any]) -> None:
    with BatchProgress(1, VIDEOS, Interruption(), has_bar=False) as progress:
        progress.begin(A, 2)
        progress.advance()
        assert str(progress) == '1 of 2 frames are done'
    assert bars == []


def test_a_notice_is_a_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with BatchProgress(1, BAGS, Interruption()) as progress:
        progress.begin(A, 1)
        progress.notice('something')
    assert 'posenet: something\n' in capsys.readouterr().err


def test_after_a_signal_the_conversion_ends() -> None:
    interruption = Interruption()
    with BatchProgress(1, BAGS, interruption) as progress:
        progress.check()
        interruption.exit_code = 130
        with pytest.raises(KeyboardInterrupt):
            progress.check()
