"""
The memory of the host and of the GPU over 10,000 runs.

Two runs of three have the usual input size, the others all sizes in turn: those that are recorded
and those that are not. The last results are compared with the first.
"""

import time

from gpu_checks.correctness.comparison import largest_difference
from gpu_checks.correctness.subjects import default_graph, load, people
from gpu_checks.gpu.device import open_device
from gpu_checks.gpu.memory import MemorySamples
from gpu_checks.parts.shapes import sizes_of
from gpu_checks.plan import Plan, Result
from gpu_checks.process import budget
from gpu_checks.targets import at_least, at_most

from posenet_ros.framing.whole_image import stretched

_RUNS = 10_000
_QUICK_RUNS = 20
# The runs end after this many seconds, however many they were.
_BUDGET_S = 80.0
_SAMPLES = 100
_MAX_DIFFERENCE = 1e-3


def measure(plan: Plan) -> Result:
    """Return the memory at the beginning and at the end, and the targets."""
    wanted = _QUICK_RUNS if plan.quick else _RUNS
    network, device = load(plan, default_graph()), open_device(plan)
    image = people(480, 640)
    framings = [stretched((480, 640), size) for size in sizes_of(plan)]
    first = [network.infer([image], [framing])[0] for framing in framings * 2]
    memory = MemorySamples(device)
    begin, runs, seconds = time.monotonic(), 0, budget(_BUDGET_S)
    while runs < wanted and time.monotonic() - begin < seconds:
        number = runs // 3 % len(framings) if runs % 3 == 0 else 0
        network.infer([image[:, ::-1] if runs % 2 else image], [framings[number]])
        runs += 1
        if runs % max(1, wanted // _SAMPLES) == 0:
            memory.sample()
    taken = time.monotonic() - begin
    last = [network.infer([image], [framing])[0] for framing in framings]
    difference = max(map(largest_difference, first, last))
    return {
        'runs': runs,
        'runs_per_second': round(runs / taken, 1),
        'sizes': len(framings),
        'host_mb': memory.host,
        'gpu_mb': memory.gpu,
        'reason': '' if device else 'there is no GPU',
        'largest_head_difference': difference,
        'notices': list(network.notices),
        'targets': [
            # A slow GPU is not a fault: undecided if the time was over.
            at_least('runs', runs if runs == wanted else None, wanted),
            memory.host_target(),
            memory.gpu_target(),
            at_most(
                'largest difference of the last heads from the first', difference, _MAX_DIFFERENCE
            ),
            at_most('notices', len(network.notices), 0),
        ],
    }
