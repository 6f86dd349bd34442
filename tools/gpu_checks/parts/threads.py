"""
Runs in one new thread after another, as each activation of the node starts one.

ONNX Runtime keeps the CUDA graph of a recorded run for each thread. So the first runs in a new
thread record it again: each image must still get its own results, and the memory must not grow.
"""

from concurrent.futures import ThreadPoolExecutor

from gpu_checks.correctness.reference import Reference
from gpu_checks.correctness.steady_runs import SteadyRuns
from gpu_checks.gpu.device import open_device
from gpu_checks.gpu.memory import MemorySamples
from gpu_checks.plan import Plan, Result
from gpu_checks.speed.timing import TimeLimit
from gpu_checks.targets import at_most

_THREADS = 40
_QUICK_THREADS = 3
# Runs in each thread after its first one.
_LATER_RUNS = 6


def measure(plan: Plan) -> Result:
    """Return the comparison with the CPU, times and memory, and the targets."""
    limit = TimeLimit()
    runs, device = SteadyRuns(plan, Reference()), open_device(plan)
    first_ms: list[float] = []
    later_ms: list[float] = []
    # The buffers of the first run stay.
    runs.run(1)
    memory = MemorySamples(device)
    for _ in range(_QUICK_THREADS if plan.quick else _THREADS):
        if first_ms and limit.is_over:
            break
        with ThreadPoolExecutor(1) as thread:
            first_ms.append(thread.submit(runs.run, 1).result())
            later_ms.append(thread.submit(runs.run, _LATER_RUNS).result())
        memory.sample()
    figures = runs.figures()
    return {
        'threads': len(first_ms),
        'first_run_ms': first_ms,
        'later_runs_ms': later_ms,
        'host_mb': memory.host,
        'gpu_mb': memory.gpu,
        'reason': '' if device else 'there is no GPU',
        **figures,
        'targets': [
            at_most('heads of another image', figures['of_another_image'], 0),
            at_most('notices', len(runs.notices), 0),
            memory.gpu_target(),
        ],
    }
