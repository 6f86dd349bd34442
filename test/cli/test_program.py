"""The program `posenet` in a process of its own, interrupted while it imports."""

import os
from pathlib import Path
import signal
import subprocess
import sys

import pytest

# Sends a signal while NumPy is being imported, which the command does.
_PATCH = """
import os
import signal
import sys

# A shell that starts the tests in the background makes its programs ignore SIGINT.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == 'numpy.linalg':
            os.kill(os.getpid(), {number})

sys.meta_path.insert(0, Finder)
"""


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM], ids=['SIGINT', 'SIGTERM'])
def test_a_signal_during_imports_ends_the_program_without_a_message(
    number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / 'sitecustomize.py').write_text(_PATCH.format(number=int(number)))
    path = f'{tmp_path}{os.pathsep}{os.environ.get("PYTHONPATH", "")}'
    done = subprocess.run(
        [sys.executable, '-c', 'from posenet_ros.cli.program import run; run()', 'models'],
        env={**os.environ, 'PYTHONPATH': path},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, '', '')
