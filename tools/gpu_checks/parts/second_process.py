"""
A second process that runs the network on the same device.

Both must be right. The first stays right when the second is killed in the middle of its runs.
"""

from gpu_checks.companion import Companion
from gpu_checks.device import open_device
from gpu_checks.distances import REQUIRED
from gpu_checks.plan import Plan, Result
from gpu_checks.reference import Reference
from gpu_checks.steady_runs import SteadyRuns
from gpu_checks.targets import at_least, at_most

_RUNS = 500
_QUICK_RUNS = 5
_RIVAL = 'gpu_checks.programs.rival:run'


def measure(plan: Plan) -> Result:
    """Return the times and memory without and with the second process, and the targets."""
    count = _QUICK_RUNS if plan.quick else _RUNS
    runs, device = SteadyRuns(plan, Reference()), open_device(plan)
    runs.run(2)
    alone_ms, alone_mb = runs.run(count), device.used_mb() if device else None
    rival = Companion(_RIVAL, plan)
    try:
        ready = rival.receive()
        both_ms = runs.run(count)
    finally:
        rest = rival.stop()
    killed = Companion(_RIVAL, plan)
    try:
        killed.receive()
        runs.run(count)
    finally:
        killed.kill()
    after_ms = runs.run(count)
    return {
        'alone': {'median_ms': alone_ms, 'gpu_mb': alone_mb},
        'with_second': {'median_ms': both_ms, 'gpu_mb': ready['gpu_mb']},
        'after_it_was_killed': {'median_ms': after_ms},
        'first': runs.figures(),
        'second': rest[-1] if rest else None,
        'targets': [
            *_targets('first', runs.figures()),
            *_targets('second', rest[-1] if rest else {}),
        ],
    }


def _targets(name: str, figures: Result) -> list[Result]:
    pixels, share = REQUIRED['float32']
    notices = figures.get('notices')
    return [
        at_least(
            f'{name} process: share of keypoints within {pixels:g} px',
            figures.get(f'within_{pixels:g}_px'),
            share,
        ),
        at_most(f'{name} process: heads of another image', figures.get('of_another_image'), 0),
        at_most(f'{name} process: notices', None if notices is None else len(notices), 0),
    ]
