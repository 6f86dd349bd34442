"""Times of calls that take turns."""

from itertools import count
import time

from gpu_checks.plan import Plan
from gpu_checks.speed.timing import median, p95, time_in_turns, time_wall, TimeLimit
import pytest


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each reading of the clock be one second later."""
    seconds = count()
    monkeypatch.setattr(time, 'monotonic', lambda: float(next(seconds)))


def test_calls_take_turns_and_the_first_rounds_are_not_counted() -> None:
    called: list[str] = []

    def call(name: str) -> float:
        called.append(name)
        return float(len(called))

    times = time_in_turns({'a': lambda: call('a'), 'b': lambda: call('b')}, 3, seconds=60)
    assert called == ['a', 'b'] * 4
    assert times == {'a': [3, 5, 7], 'b': [4, 6, 8]}


def test_no_round_is_started_after_the_time_but_two_are_counted(clock: None) -> None:
    assert len(time_in_turns({'a': lambda: 1.0}, 9, seconds=0)['a']) == 2
    assert len(time_in_turns({'a': lambda: 1.0}, 9, seconds=5)['a']) == 7


def test_slow_rounds_are_not_repeated_to_warm_up(clock: None) -> None:
    called: list[int] = []

    def call() -> float:
        called.append(1)
        return 1.0

    assert len(time_in_turns({'a': call}, 1000, seconds=5)['a']) == len(called) - 1


def test_the_time_of_a_part_ends(clock: None) -> None:
    limit = TimeLimit(1.5)
    assert [limit.is_over for _ in range(3)] == [False, True, True]


def test_the_time_of_a_part_ends_before_its_process_is_killed(
    clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('GPU_CHECK_LIMIT_S', '2')
    for plan in (Plan('cuda', 0, quick=False), Plan('tensorrt', 0, quick=False)):
        limit = TimeLimit(plan.allow(35))
        assert [limit.is_over for _ in range(3)] == [False, True, True]


def test_the_wall_time_of_a_call_is_in_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = iter([1_000_000, 3_500_000])
    monkeypatch.setattr(time, 'perf_counter_ns', lambda: next(readings))
    called: list[int] = []
    assert time_wall(lambda: called.append(1))() == 2.5
    assert called == [1]


def test_the_median_and_the_95th_percentile_of_times() -> None:
    assert median(range(101)) == 50
    assert p95(range(101)) == 95
