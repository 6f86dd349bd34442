"""
Recovery from failures of the GPU, each in a process of its own.

Out of memory, because another process takes all of it or because of gpu_mem_limit_mb; a context
that is destroyed, twice in a row; and one that is broken. In each, every image must be processed,
with the right poses.
"""

import time

from gpu_checks.plan import Plan, Result
from gpu_checks.process import budget, run_in_process
from gpu_checks.run import targets_of

_LOSSES = {
    'memory_taken': 'gpu_checks.losses.memory:measure_taken',
    'memory_limit': 'gpu_checks.losses.memory:measure_limit',
    'context_reset': 'gpu_checks.losses.contexts:measure_reset',
    'context_broken': 'gpu_checks.losses.contexts:measure_broken',
}
# Seconds for each, and for all.
_LIMIT_S = 35.0
_BUDGET_S = 140.0


def measure(plan: Plan) -> Result:
    """Return what was found for each failure, and the targets of all."""
    deadline = time.monotonic() + budget(_BUDGET_S)
    found = {name: _provoke(plan, check, deadline) for name, check in _LOSSES.items()}
    targets = [
        {**target, 'what': f'{name}: {target["what"]}'}
        for name, one in found.items()
        for target in targets_of(one)
    ]
    for one in found.values():
        one.pop('targets', None)
    return {**found, 'targets': targets}


def _provoke(plan: Plan, check: str, deadline: float) -> Result:
    left = deadline - time.monotonic()
    if left < 1:
        return {'error': 'not started: no time was left'}
    return run_in_process(check, plan, limit_s=min(_LIMIT_S, left))
