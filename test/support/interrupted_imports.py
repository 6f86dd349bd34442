"""A Python program that receives a signal while it imports."""

from collections.abc import Sequence
import os
from pathlib import Path
import subprocess
import sys

# Sends a signal while NumPy is being imported, as rclpy, OpenCV and ONNX Runtime do.
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


def interrupt_imports(
    arguments: Sequence[str], number: int, folder: Path, *, timeout: float
) -> 'subprocess.CompletedProcess[str]':
    """Run Python with these arguments until a signal has ended it; the folder is for its patch."""
    (folder / 'sitecustomize.py').write_text(_PATCH.format(number=int(number)))
    path = f'{folder}{os.pathsep}{os.environ.get("PYTHONPATH", "")}'
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, 'PYTHONPATH': path},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
