"""
The time from the start of a process to its first poses, with a cold and a warm kernel cache.

The driver keeps kernels that it has compiled for this GPU in a folder, CUDA_CACHE_PATH. A start
with an empty folder is cold, one with the folder of an earlier start is warm. One start before
both fills the cache of the file system.
"""

from pathlib import Path
import statistics
import tempfile
import time

from gpu_checks.plan import Plan, Result
from gpu_checks.process import run_in_process
from gpu_checks.speed.timing import TimeLimit
from gpu_checks.targets import holds

_STARTS = 2
_LIMIT_S = 25.0
# Seconds after which no further process is started.
_BUDGET_S = 50.0
_STEPS = ('imported', 'loaded', 'poses')


def measure(plan: Plan) -> Result:
    """Return a row for each start, the medians, and what the kernel cache holds."""
    limit = TimeLimit(plan.allow(_BUDGET_S))
    with tempfile.TemporaryDirectory() as folder:
        caches = [Path(folder) / str(number) for number in range(1 if plan.quick else _STARTS)]
        first = [] if plan.quick else [_start(plan, 'first', Path(folder) / 'first', limit)]
        cold = [_start(plan, 'cold', cache, limit) for cache in caches]
        warm = [_start(plan, 'warm', cache, limit) for cache in caches]
        cached = [file for file in caches[0].rglob('*') if file.is_file()]
        size = sum(file.stat().st_size for file in cached)
    rows = [*first, *cold, *warm]
    started = [row for row in rows if 'left_out' not in row]
    found = all(row.get('people') for row in started) if started else None
    return {
        'starts': rows,
        'cold_s': _median(cold),
        'warm_s': _median(warm),
        'kernel_cache': None if plan.is_rehearsal else {'files': len(cached), 'bytes': size},
        'reason': 'the CPU has no kernel cache' if plan.is_rehearsal else '',
        'targets': [holds('each start found poses', found)],
    }


def _start(plan: Plan, cache: str, folder: Path, limit: TimeLimit) -> Result:
    """Return the seconds from the start to each step."""
    if limit.is_over:
        return {'cache': cache, 'left_out': 'no time was left'}
    folder.mkdir(exist_ok=True)
    begin = time.monotonic()
    found = run_in_process(
        'gpu_checks.programs.first_poses:run',
        plan,
        limit_s=_LIMIT_S,
        environment={'CUDA_CACHE_PATH': str(folder)},
    )
    if 'error' in found:
        return {'cache': cache, 'error': found['error']}
    seconds = {step: round(found[step] - begin, 3) for step in _STEPS}
    return {'cache': cache, **seconds, 'people': found['people'], 'provider': found['provider']}


def _median(rows: list[Result]) -> float | None:
    """Return the median time to the first poses."""
    times = [row['poses'] for row in rows if 'poses' in row]
    return statistics.median(times) if times else None
