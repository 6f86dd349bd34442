"""The program `posenet` in a process of its own, interrupted while it imports."""

from pathlib import Path
import signal

from interrupted_imports import interrupt_imports
import pytest


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=['SIGINT', 'SIGTERM'])
def test_a_signal_during_imports_ends_the_program_without_a_message(
    number: signal.Signals, tmp_path: Path
) -> None:
    program = 'from posenet_ros.cli.program import run; run()'
    done = interrupt_imports(['-c', program, 'models'], number, tmp_path, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, '', '')
