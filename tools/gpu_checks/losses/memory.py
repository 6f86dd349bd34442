"""The GPU's memory runs out under a network: taken by another process, or above its own limit."""

from gpu_checks.companion import Companion
from gpu_checks.losses.watched import LARGE, NO_GPU, open_watched, RETRY_S, SMALL, Watched
from gpu_checks.plan import Plan, Result

from posenet_ros.errors import ProviderError
from posenet_ros.framing.framing import Size

# Limits in MB; the first with which the network starts is used. Each that is too low costs two
# starts, and the workspaces of cuDNN count, too.
_LIMITS_MB = (64, 256, 1024)
# In a rehearsal, the CPU has to process the large images.
_REHEARSED: Size = (513, 513)


def measure_taken(plan: Plan) -> Result:
    """Let another process take all memory, and return what the network did."""
    watched, device = open_watched(plan)
    large = _large(plan)
    taker = Companion('gpu_checks.programs.memory_taker:run', plan)
    try:
        taken = taker.receive()
        for size in (SMALL, large, large, SMALL):
            watched.run('while the memory is taken', size)
    finally:
        rest = taker.stop()
    watched.run('after it was freed')
    for size in (SMALL, large, SMALL):
        watched.run('after the wait', size, after_s=RETRY_S)
    reason = NO_GPU if device is None else ''
    provoked = None if device is None else watched.was_disturbed
    return {'taker': [taken, *rest], **watched.result(provoked=provoked, reason=reason)}


def measure_limit(plan: Plan) -> Result:
    """Set a limit that is too low for large inputs, and return what the network did."""
    limit_mb, watched = _start_with_limit(plan)
    large = _large(plan)
    for size in (large, SMALL, large, SMALL):
        watched.run('above the limit' if size == large else 'below the limit', size)
    watched.run('after the wait', after_s=RETRY_S)
    reason = NO_GPU if plan.is_rehearsal else ''
    provoked = None if plan.is_rehearsal else watched.was_disturbed
    return {'limit_mb': limit_mb, **watched.result(provoked=provoked, reason=reason)}


def _start_with_limit(plan: Plan) -> tuple[int, Watched]:
    """Return the lowest limit with which the network processes small inputs on the device."""
    reason = ''
    for limit_mb in _LIMITS_MB:
        try:
            watched, _ = open_watched(plan, gpu_mem_limit_mb=limit_mb)
        except ProviderError as error:
            reason = str(error)
            continue
        if not watched.was_disturbed:
            return limit_mb, watched
        reason = '; '.join(watched.steps[-1]['reported'] or watched.steps[0]['reported'])
    raise ProviderError(f'it does not run with a limit of {_LIMITS_MB[-1]} MB: {reason}')


def _large(plan: Plan) -> Size:
    return _REHEARSED if plan.is_rehearsal else LARGE
