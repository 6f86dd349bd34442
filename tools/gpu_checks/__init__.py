"""The checks of `tools/gpu_check.py`: how the package behaves on an NVIDIA GPU."""

from pathlib import Path
import sys

# The checks use the package, also where it is not installed. Last, because the source package must
# not hide an installed one, which has the messages, too.
_ROOT = str(Path(__file__).parents[2])
if _ROOT not in sys.path:
    sys.path.append(_ROOT)
