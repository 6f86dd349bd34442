"""
The node in a separate process, over DDS, by `max_batch_size`, rate and number of cameras.

It measures with the programs of the benchmark, in an environment with ROS 2 and the built package.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
import sys

from gpu_checks.plan import Plan, Result
from gpu_checks.targets import at_least, at_most

_BENCHMARK = Path(__file__).parents[3] / 'benchmark'
# What the programs of the benchmark need, besides what all checks need.
_MODULES = ('rclpy', 'ament_index_python', 'skimage', 'posenet_ros.msg')

# The case on which the targets depend.
_CASE = {'cameras': 8, 'rate': 30.0}
_MAX_LATENCY_MS = 8.0
# A feeder may be a little slower than it should.
_MIN_RATE = 0.95


def measure(plan: Plan) -> Result:
    """
    Return the figures of all cases, and the targets.

    `cases` is None, with a `reason`, if ROS 2 or the built package is missing. The targets are
    undecided then, in a rehearsal, and in a quick run.
    """
    # At the end: nothing there may hide a module of the environment.
    if str(_BENCHMARK) not in sys.path:
        sys.path.append(str(_BENCHMARK))
    reason = _find_obstacle()
    if reason:
        return {'cases': None, 'reason': reason, 'targets': evaluate([])}
    from gpu_checks.speed.node_cases import FULL, measure_cases, QUICK

    figures = measure_cases(QUICK if plan.quick else FULL, plan)
    decisive = [] if plan.quick or plan.is_rehearsal else figures['cases']
    return {**figures, 'targets': evaluate(decisive)}


def _find_obstacle() -> str:
    """Return why the node cannot run in this environment, or an empty string."""
    try:
        for name in _MODULES:
            import_module(name)
        import_module('ament_index_python').get_package_prefix('posenet_ros')
    except (ImportError, LookupError) as error:
        return f'{error}; for this part, run `make test-setup`, and then `. ./env.sh`'
    return ''


def evaluate(cases: Sequence[Result]) -> list[Result]:
    """Return the targets of the decisive case, with the `max_batch_size` that is best for it."""
    decisive = [case for case in cases if all(case[key] == _CASE[key] for key in _CASE)]
    best = min(decisive, key=_rank, default={})
    where = '{cameras} cameras at {rate:g} Hz, 640x480: '.format(**_CASE)
    if best:
        where += f'max_batch_size {best["max_batch_size"]}, '
    rate = _MIN_RATE * _CASE['rate'] * _CASE['cameras']
    return [
        at_least(f'{where}share processed', best.get('share'), 1.0),
        at_least(f'{where}images processed', best.get('processed_hz'), rate, 'Hz'),
        at_most(f'{where}median latency', best.get('latency_ms'), _MAX_LATENCY_MS, 'ms'),
    ]


def _rank(case: Result) -> tuple[float, float]:
    """Return the key that is lowest for the best case: all images first, then latency."""
    return -case['share'], case['latency_ms'] or 0.0
