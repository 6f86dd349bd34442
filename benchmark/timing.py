"""Times of calls that take turns, and what is said of them."""

from collections.abc import Callable, Iterable, Mapping
import time
from typing import Any

import numpy as np

Call = Callable[[], object]

# Part of the rounds that come first and are not counted: caches and threads warm up.
_WARM_UP = 0.1


def take_turns(calls: Mapping[str, Call], rounds: int) -> dict[str, list[float]]:
    """
    Return the milliseconds of each call in each round, by the call's name.

    The calls take turns, A B C A B C, so that what else the machine does hits all alike, and a
    ratio of two is taken within each round.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(-max(1, int(rounds * _WARM_UP)), rounds):
        for name, call in calls.items():
            start = time.perf_counter_ns()
            call()
            took = (time.perf_counter_ns() - start) / 1e6
            if turn >= 0:
                times[name].append(took)
    return times


def summary(values: Iterable[float]) -> dict[str, Any]:
    """Return median, p95 and number of some values; both None when there are none."""
    known = list(values)
    if not known:
        return {'median': None, 'p95': None, 'runs': 0}
    median, p95 = np.quantile(known, [0.5, 0.95]).tolist()
    return {'median': round(median, 4), 'p95': round(p95, 4), 'runs': len(known)}


def summaries(times: Mapping[str, list[float]]) -> dict[str, dict[str, Any]]:
    """Return the summary of each call, by its name."""
    return {name: summary(values) for name, values in times.items()}


def ratio(times: Mapping[str, list[float]], over: str, under: str) -> float:
    """Return the median, over all rounds, of one call's time divided by another's."""
    return round(float(np.median(np.divide(times[over], times[under]))), 4)
