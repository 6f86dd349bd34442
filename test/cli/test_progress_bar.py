import io
import sys

import pytest

from posenet_ros.cli.progress_bar import new_bar, ProgressBar


class Terminal(io.StringIO):
    """A text stream that passes for a terminal."""

    def isatty(self) -> bool:
        return True


def replace_stderr(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """
    Replace standard error with a terminal and return it.

    A fixture could not: pytest sets standard error again before it calls the test.
    """
    terminal = Terminal()
    monkeypatch.setattr(sys, 'stderr', terminal)
    return terminal


def test_nothing_is_shown_before_the_first_update(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = replace_stderr(monkeypatch)
    with ProgressBar('a'):
        pass
    assert terminal.getvalue() == ''


def test_a_bar_shows_the_model_the_item_and_the_percentage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = replace_stderr(monkeypatch)
    with ProgressBar('a') as bar:
        bar.update('weights.bin', 0, 200)
    assert 'a: weights.bin   0%|' in terminal.getvalue()


def test_an_item_of_unknown_size_is_shown_without_percentage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = replace_stderr(monkeypatch)
    with ProgressBar('a') as bar:
        bar.update('package with npm', 0, 0)
    assert 'a: package with npm ...' in terminal.getvalue()
    assert '%' not in terminal.getvalue()


def test_a_new_item_starts_a_new_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = replace_stderr(monkeypatch)
    with ProgressBar('a') as bar:
        bar.update('first.bin', 200, 200)
        bar.update('second.bin', 0, 100)
    shown = terminal.getvalue()
    assert shown.index('a: first.bin') < shown.index('a: second.bin   0%|')


def test_no_bar_is_shown_if_standard_error_is_not_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ProgressBar('a') as bar:
        bar.update('weights.bin', 100, 200)
    assert capsys.readouterr().err == ''


@pytest.mark.parametrize('is_terminal', [False, True])
def test_without_tqdm_the_work_goes_on_without_a_bar(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = replace_stderr(monkeypatch) if is_terminal else None
    monkeypatch.setitem(sys.modules, 'tqdm', None)
    with ProgressBar('a') as bar:
        bar.update('weights.bin', 0, 200)
        bar.update('weights.bin', 200, 200)
    assert capsys.readouterr().err == ''
    assert terminal is None or terminal.getvalue() == ''


@pytest.mark.parametrize('is_terminal', [False, True])
def test_a_bar_of_a_batch_has_the_same_interface_whether_it_is_shown_or_not(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_terminal:
        replace_stderr(monkeypatch)
    bar = new_bar('a', total=2)
    bar.total = 3
    bar.bar_format = '{desc}'
    bar.set_description_str('b')
    bar.update()
    bar.clear()
    bar.refresh()
    bar.close()
    assert bar.total == 3
