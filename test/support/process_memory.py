"""The memory of another process, from /proc."""

from pathlib import Path
import re
import statistics


def resident_megabytes(process: int) -> float:
    """Return how much memory a process has in RAM, in MB."""
    return _megabytes(process, 'VmRSS')


def peak_megabytes(process: int) -> float:
    """Return the largest resident memory since the start or `reset_peak`, in MB."""
    return _megabytes(process, 'VmHWM')


def reset_peak(process: int) -> None:
    """Let `peak_megabytes` start again from the present; proc(5): clear_refs."""
    Path(f'/proc/{process}/clear_refs').write_text('5')


def growth(samples: list[float]) -> float:
    """Return how far the median of the last quarter lies above that of the first."""
    quarter = max(1, len(samples) // 4)
    return statistics.median(samples[-quarter:]) - statistics.median(samples[:quarter])


def _megabytes(process: int, field: str) -> float:
    match = re.search(rf'^{field}:\s*(\d+) kB', Path(f'/proc/{process}/status').read_text(), re.M)
    return int(match[1]) / 1024 if match else 0.0
