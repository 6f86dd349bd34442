from pathlib import Path

import pytest

from posenet_ros.cli.recordings.bag_progress import BagProgress
from posenet_ros.cli.signals import Interruption

A, B = Path('a'), Path('b')


def test_one_bag_is_counted_in_images() -> None:
    with BagProgress(1, Interruption()) as progress:
        progress.begin(A, 10)
        for _ in range(4):
            progress.advance()
        assert str(progress) == '4 of 10 images are done'


def test_several_bags_are_counted_in_bags_and_images() -> None:
    with BagProgress(2, Interruption()) as progress:
        progress.begin(A, 1)
        progress.advance()
        progress.finish(A)
        assert str(progress) == '1 of 2 bags and 1 images are done'
        progress.begin(B, 3)
        assert str(progress) == '1 of 2 bags and 1 of 4 images are done'


def test_a_bag_that_was_not_opened_counts_as_finished() -> None:
    with BagProgress(2, Interruption()) as progress:
        progress.finish(A)
        assert str(progress) == '1 of 2 bags and 0 images are done'


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
