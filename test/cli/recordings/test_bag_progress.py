import io
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from posenet_ros.cli.recordings import bag_progress
from posenet_ros.cli.recordings.bag_progress import BagProgress
from posenet_ros.cli.signals import Interruption

A, B = Path('a'), Path('b')


def test_one_bag_is_counted_in_images() -> None:
    with BagProgress(1, Interruption()) as progress:
        progress.begin(A, 10)
        for _ in range(4):
            progress.advance(recalled=False)
        assert str(progress) == '4 of 10 images are done'


def test_several_bags_are_counted_in_bags_and_images() -> None:
    with BagProgress(2, Interruption()) as progress:
        progress.begin(A, 1)
        progress.advance(recalled=False)
        progress.finish(A)
        assert str(progress) == '1 of 2 bags and 1 images are done'
        progress.begin(B, 3)
        assert str(progress) == '1 of 2 bags and 1 of 4 images are done'


def test_a_bag_that_was_not_opened_counts_as_finished() -> None:
    with BagProgress(2, Interruption()) as progress:
        progress.finish(A)
        assert str(progress) == '1 of 2 bags and 0 images are done'


def test_recalled_images_count_but_not_in_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    bars: list[Any] = []

    def new_bar(label: str, **options: Any) -> Any:
        bars.append(tqdm(desc=label, file=io.StringIO(), disable=False, **options))
        return bars[0]

    monkeypatch.setattr(bag_progress, 'new_bar', new_bar)
    with BagProgress(1, Interruption()) as progress:
        progress.begin(A, 10)
        for number in range(6):
            progress.advance(recalled=number < 4)
        assert (bars[0].n, bars[0].initial) == (6, 4)
        assert bars[0].format_dict['rate'] is None  # so that tqdm computes it from these two
        assert str(progress) == '6 of 10 images are done'


def test_a_notice_is_a_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with BagProgress(1, Interruption()) as progress:
        progress.begin(A, 1)
        progress.notice('something')
    assert 'posenet: something\n' in capsys.readouterr().err


def test_after_a_signal_the_conversion_ends() -> None:
    interruption = Interruption()
    with BagProgress(1, interruption) as progress:
        progress.check()
        interruption.exit_code = 130
        with pytest.raises(KeyboardInterrupt):
            progress.check()
