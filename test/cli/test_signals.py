from collections.abc import Iterator
import os
import signal

import pytest

from posenet_ros.cli import download, quantize
from posenet_ros.cli.main import main

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def sigterm() -> Iterator[None]:
    """Restore the handler of SIGTERM; until the command sets its own, ignore the signal."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTERM, before)


def terminate(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    raise AssertionError('SIGTERM did not interrupt the command')


@pytest.mark.parametrize('command', ['download', 'quantize'])
def test_sigterm_interrupts_a_command_that_writes_to_the_cache_like_ctrl_c(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(download, 'install_model', terminate)
    monkeypatch.setattr(quantize, 'install_int8_graphs', terminate)
    assert main([command]) == 1
    assert capsys.readouterr().err == 'posenet: interrupted\n'
