"""The memory of this process and of the GPU over many runs."""

from collections.abc import Sequence
from pathlib import Path
import re
import statistics

_STATUS = Path('/proc/self/status')


def host_mb() -> float:
    """Return the resident memory of this process in MB."""
    match = re.search(r'^VmRSS:\s*(\d+) kB', _STATUS.read_text(), re.MULTILINE)
    assert match is not None
    return int(match[1]) / 1024


def ends_of(samples: Sequence[float]) -> tuple[float, float]:
    """Return the median of the first and of the last tenth of the samples."""
    tenth = max(1, len(samples) // 10)
    return statistics.median(samples[:tenth]), statistics.median(samples[-tenth:])
