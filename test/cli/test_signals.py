from collections.abc import Iterator
import os
from pathlib import Path
import signal
from typing import NoReturn

from command_line import write_picture
import pytest

from posenet_ros.cli import download, quantize
from posenet_ros.cli.main import main
from posenet_ros.cli.signals import interruption
from posenet_ros.errors import ModelLoadError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.poses import Pose

Output = pytest.CaptureFixture[str]
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}

with_each_signal = pytest.mark.parametrize(
    ('number', 'exit_code'), SIGNALS.items(), ids=[number.name for number in SIGNALS]
)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[list[int]]:
    """Return a list of the signals that come before or after the command; restore the handlers."""
    received: list[int] = []
    before = {n: signal.signal(n, lambda number, _: received.append(number)) for n in SIGNALS}
    yield received
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt_work(monkeypatch: pytest.MonkeyPatch, number: int, *, then: BaseException) -> None:
    """Send a signal during the work of `download` and `quantize`, which then raise an error."""

    def work(*_: object, **__: object) -> NoReturn:
        try:
            os.kill(os.getpid(), number)
        except KeyboardInterrupt:
            raise then from None
        raise AssertionError('the signal did not interrupt the command')

    monkeypatch.setattr(download, 'install_model', work)
    monkeypatch.setattr(quantize, 'install_int8_graphs', work)


@with_each_signal
@pytest.mark.parametrize('command', ['download', 'quantize'])
def test_a_signal_interrupts_the_command_and_is_its_exit_code(
    command: str,
    number: int,
    exit_code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    interrupt_work(monkeypatch, number, then=KeyboardInterrupt())
    assert main([command]) == exit_code
    assert capsys.readouterr().err == 'posenet: interrupted\n'


@pytest.mark.parametrize('error', [ImportError('a part is missing'), SystemError()])
def test_the_command_is_interrupted_even_if_a_library_raises_another_exception_instead(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    interrupt_work(monkeypatch, signal.SIGINT, then=error)
    assert main(['download']) == 130
    assert capsys.readouterr().err == 'posenet: interrupted\n'


@pytest.mark.parametrize('then', [None, RuntimeError('a part is missing')])
def test_a_batch_is_interrupted_even_if_a_library_swallows_or_replaces_the_interruption(
    then: Exception | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    calls: list[object] = []

    def estimate(estimator: PoseEstimator, image: object, _: object) -> list[Pose]:
        calls.append(image)
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            if then is not None:
                raise then from None
        return []

    picture = str(write_picture(tmp_path))
    monkeypatch.setattr(PoseEstimator, 'estimate', estimate)
    assert main(['estimate', picture, picture]) == 130
    assert len(calls) == 1
    assert capsys.readouterr().err == 'posenet: interrupted\n'


def test_an_error_after_a_signal_does_not_change_the_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interrupt_work(monkeypatch, signal.SIGTERM, then=ModelLoadError('broken'))
    assert main(['download']) == 143


def test_the_second_signal_lets_the_command_finish_its_files(
    monkeypatch: pytest.MonkeyPatch, capfd: Output
) -> None:
    finished: list[str] = []

    def work(*_: object, **__: object) -> NoReturn:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            finished.append('the file')
        raise AssertionError('the signal did not interrupt the command')

    monkeypatch.setattr(download, 'install_model', work)
    assert main(['download']) == 130
    assert finished == ['the file']
    first, last = capfd.readouterr().err.splitlines()
    assert first.startswith('posenet: finishing the files')
    assert last == 'posenet: interrupted'


def test_the_third_signal_ends_the_process_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(os, '_exit', codes.append)
    with interruption() as interrupted:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert codes == []
        os.kill(os.getpid(), signal.SIGTERM)
    assert codes == [143]
    assert interrupted.exit_code == 130


def test_after_a_signal_a_check_interrupts() -> None:
    with interruption() as interrupted:
        interrupted.check()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupted.check()


def test_the_command_restores_the_handlers(handlers: list[int]) -> None:
    assert main(['models']) in {0, 1}
    os.kill(os.getpid(), signal.SIGTERM)
    assert handlers == [signal.SIGTERM]


def test_a_signal_that_is_ignored_stays_ignored(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def work(*_: object, **__: object) -> NoReturn:
        os.kill(os.getpid(), signal.SIGINT)
        raise ModelLoadError('broken')

    monkeypatch.setattr(download, 'install_model', work)
    assert main(['download']) == 1
    assert capsys.readouterr().err == 'posenet: broken\n'
