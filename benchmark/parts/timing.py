"""
Measure calls and summarize their times.

Input: functions without arguments, by name. Output: milliseconds of each call, their median and
p95, and ratios of two calls.
"""

from collections.abc import Callable, Iterable, Mapping
import time
from typing import Any

import numpy as np

Call = Callable[[], object]

# Extra rounds at the start to warm up caches and threads, as a fraction of all rounds.
_WARM_UP = 0.1


def time_in_turns(calls: Mapping[str, Call], rounds: int) -> dict[str, list[float]]:
    """
    Return the milliseconds of each call in each round, by the call's name.

    The calls take turns, A B C A B C, so that other load on the machine affects all of them
    alike. Warm-up rounds are not counted.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(-max(1, int(rounds * _WARM_UP)), rounds):
        for name, call in calls.items():
            start = time.perf_counter_ns()
            call()
            elapsed = (time.perf_counter_ns() - start) / 1e6
            if turn >= 0:
                times[name].append(elapsed)
    return times


def time_in_a_loop(call: Call, seconds: float, *, rate: float = 0.0) -> list[float]:
    """Call in a loop, or at a rate in Hz, and return the milliseconds of each call."""
    times: list[float] = []
    due = start = time.monotonic()
    while time.monotonic() < start + seconds:
        if rate:
            time.sleep(max(0.0, due - time.monotonic()))
            due += 1 / rate
        begin = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - begin) / 1e6)
    return times


def summarize(values: Iterable[float]) -> dict[str, Any]:
    """Return the median, p95 and number of some values; both are None if there are no values."""
    known = list(values)
    if not known:
        return {'median': None, 'p95': None, 'runs': 0}
    median, p95 = np.quantile(known, [0.5, 0.95]).tolist()
    return {'median': round(median, 4), 'p95': round(p95, 4), 'runs': len(known)}


def median_ratio(times: Mapping[str, list[float]], over: str, under: str) -> float:
    """Return the median, over all rounds, of one call's time divided by another's."""
    return round(float(np.median(np.divide(times[over], times[under]))), 4)
