"""A process that runs the network until its standard input is closed, and counts wrong results."""

import json
import select
import sys

from gpu_checks.correctness.reference import Reference
from gpu_checks.correctness.steady_runs import SteadyRuns
from gpu_checks.gpu.device import open_device
from gpu_checks.plan import Plan, Result


def run(plan: Plan) -> Result:
    """Report when the network has run once; run it until told to stop; report the figures."""
    runs = SteadyRuns(plan, Reference())
    runs.run(1)
    device = open_device(plan)
    print(json.dumps({'gpu_mb': device.used_mb() if device else None}), flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        runs.run(1)
    print(json.dumps(runs.figures()), flush=True)
    return {}
