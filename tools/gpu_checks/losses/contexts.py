"""
A context that is lost under a network.

A process can destroy its own context, or break it with a kernel that fails, after which no call
succeeds until the process has ended. After the context was destroyed, the process can have a new
one. However, ONNX Runtime allocates bound buffers from an arena that belongs to the process and
still has addresses of the old context. So only a restart of the process is sure to help in either
case, and only the poses are judged.
"""

from gpu_checks.losses.watched import NO_GPU, open_watched, RETRY_S, Watched
from gpu_checks.plan import Plan, Result


def measure_reset(plan: Plan) -> Result:
    """Destroy the context, again soon after, and return what the network did."""
    watched, device = open_watched(plan)
    for number in ('first', 'second'):
        if device is not None:
            device.reset_context()
        _run_after(watched, f'after the {number} reset')
    _run_after_waits(watched)
    return watched.result(**_provoked(watched, plan), returns=False)


def measure_broken(plan: Plan) -> Result:
    """Break the context, and return what the network did."""
    watched, device = open_watched(plan)
    if device is not None:
        device.break_context()
    _run_after(watched, 'after the failed kernel')
    _run_after_waits(watched)
    return watched.result(**_provoked(watched, plan), returns=False)


def _run_after(watched: Watched, what: str) -> None:
    for _ in range(2):
        watched.run(what)


def _run_after_waits(watched: Watched) -> None:
    watched.run('after the first wait', after_s=RETRY_S)
    watched.run('after the second wait', after_s=2 * RETRY_S)
    watched.run('at the end')


def _provoked(watched: Watched, plan: Plan) -> Result:
    if plan.is_rehearsal:
        return {'provoked': None, 'reason': NO_GPU}
    return {'provoked': watched.was_disturbed}
