"""A process that runs the network until its standard input is closed, and counts wrong results."""

import json
import select
import sys

from gpu_checks.device import open_device
from gpu_checks.plan import Plan, Result
from gpu_checks.reference import Reference
from gpu_checks.steady_runs import SteadyRuns


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
