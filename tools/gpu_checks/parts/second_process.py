"""
A second process that runs the network on the same device.

Both must be right. The first stays right when the second is killed in the middle of its runs.
"""

from collections.abc import Callable

from gpu_checks.companion import Companion, CompanionError
from gpu_checks.correctness.distances import MIN_REPEATED_SHARE
from gpu_checks.correctness.reference import Reference
from gpu_checks.correctness.steady_runs import SteadyRuns
from gpu_checks.gpu.device import open_device
from gpu_checks.plan import Plan, Result
from gpu_checks.speed.timing import TimeLimit
from gpu_checks.targets import at_least, at_most, holds

_RUNS = 500
# Seconds after which no further process is started.
_BUDGET_S = 35.0
_QUICK_RUNS = 5
_RIVAL = 'gpu_checks.programs.rival:run'
_NOT_MEASURED: Result = {'median_ms': None, 'gpu_mb': None}


def measure(plan: Plan) -> Result:
    """Return the times and memory without and with the second process, and the targets."""
    limit = TimeLimit(plan.allow(_BUDGET_S))
    count = _QUICK_RUNS if plan.quick else _RUNS
    runs, device = SteadyRuns(plan, Reference()), open_device(plan)
    runs.run(2)
    alone = {'median_ms': runs.run(count), 'gpu_mb': device.used_mb() if device else None}
    with_second, second = _run_beside(plan, lambda: runs.run(count), limit)
    after = _NOT_MEASURED
    if not limit.is_over:
        _run_and_kill(plan, lambda: runs.run(count))
        after = {'median_ms': runs.run(count)}
    return {
        'alone': alone,
        'with_second': with_second,
        'after_it_was_killed': after,
        'first': runs.figures(),
        'second': second,
        'targets': [*_targets('first', runs.figures()), *_targets('second', second)],
    }


def _run_beside(plan: Plan, run: Callable[[], float], limit: TimeLimit) -> tuple[Result, Result]:
    """Return the time beside a second process, and what that one found, or its error."""
    if limit.is_over:
        return _NOT_MEASURED, {'left_out': 'no time was left'}
    rival = Companion(_RIVAL, plan)
    try:
        ready = rival.receive()
        median = run()
    except CompanionError as error:
        return _NOT_MEASURED, {'error': str(error)}
    finally:
        rest = rival.stop()
    second = rest[-1] if rest else {'error': 'it did not end when it was told to'}
    return {'median_ms': median, 'gpu_mb': ready['gpu_mb']}, second


def _run_and_kill(plan: Plan, run: Callable[[], float]) -> None:
    """Run beside a second process, and kill that one while it runs."""
    rival = Companion(_RIVAL, plan)
    try:
        rival.receive()
        run()
    except CompanionError:
        return  # already reported
    finally:
        rival.kill()


def _targets(name: str, figures: Result) -> list[Result]:
    notices, error = figures.get('notices'), figures.get('error')
    left_out = figures.get('left_out')
    return [
        holds(
            f'{name} process: ran to its end',
            None if left_out else error is None,
            left_out or error,
        ),
        at_least(
            f'{name} process: share of keypoints within 0.1 px',
            figures.get('within_0.1_px'),
            MIN_REPEATED_SHARE,
        ),
        at_most(f'{name} process: heads of another image', figures.get('of_another_image'), 0),
        at_most(f'{name} process: notices', None if notices is None else len(notices), 0),
    ]
