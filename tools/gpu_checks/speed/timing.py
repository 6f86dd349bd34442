"""Times of calls that take turns, so that other load affects all of them alike."""

from collections.abc import Callable, Hashable, Iterable, Mapping
import time
from typing import TypeVar

from gpu_checks.process import budget
import numpy as np

#: Does something and returns how long it took, in milliseconds.
Timed = Callable[[], float]

Name = TypeVar('Name', bound=Hashable)

# Extra rounds at the start, which are not counted: the GPU's clocks rise, memory is allocated. As
# a fraction of the rounds and of their time.
_WARM_UP = 0.1
# So many rounds are counted however long they take.
_FEWEST = 2

#: How often each call is measured, at most.
ROUNDS = 200
#: How often in a run that only shows that everything works.
QUICK_ROUNDS = 2


class TimeLimit:
    """
    The time that a part may take, so that it is not killed before it returns what it has.

    Only a guard: cuDNN searches the fastest kernels of each new size for an unknown time.
    """

    def __init__(self, seconds: float = 35.0) -> None:
        """Start now; the time is shorter if this process is killed before."""
        self._end = time.monotonic() + budget(seconds)

    @property
    def is_over(self) -> bool:
        """Return whether no further case should be started."""
        return time.monotonic() > self._end


def time_wall(call: Callable[[], object]) -> Timed:
    """Return a function that makes a call and returns its milliseconds on the CPU's clock."""

    def timed() -> float:
        start = time.perf_counter_ns()
        call()
        return (time.perf_counter_ns() - start) / 1e6

    return timed


def time_in_turns(
    calls: Mapping[Name, Timed], rounds: int, *, seconds: float
) -> dict[Name, list[float]]:
    """
    Return the milliseconds of each call in each round, by the call's name.

    The calls take turns, A B C A B C. No round is started after `seconds`, but at least two
    rounds are counted.
    """
    times: dict[Name, list[float]] = {name: [] for name in calls}
    begin = time.monotonic()
    for turn in range(max(1, int(rounds * _WARM_UP))):
        if turn and time.monotonic() > begin + seconds * _WARM_UP:
            break
        for call in calls.values():
            call()
    for turn in range(rounds):
        if turn >= _FEWEST and time.monotonic() > begin + seconds:
            break
        for name, call in calls.items():
            times[name].append(call())
    return times


def median(values: Iterable[float]) -> float:
    """Return the median, rounded to a tenth of a microsecond."""
    return round(float(np.median(list(values))), 4)


def p95(values: Iterable[float]) -> float:
    """Return the 95th percentile, rounded to a tenth of a microsecond."""
    return round(float(np.quantile(list(values), 0.95)), 4)
