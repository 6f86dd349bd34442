"""
A process that takes all memory of the GPU until its standard input is closed.

It also takes what others free in the meantime. Output: a line of JSON when there is no more, and
one at the end.
"""

import json
import select
import sys

from gpu_checks.gpu.device import Device, DriverError, open_device
from gpu_checks.plan import Plan, Result

# Sizes of the pieces, in bytes: the memory is taken in the largest that is left.
_PIECES = tuple(2**exponent for exponent in range(30, 15, -1))
# Seconds between two attempts to take what others have freed.
_PAUSE_S = 0.01


def run(plan: Plan) -> Result:
    """Take the memory and report; return when standard input is closed."""
    device = open_device(plan)
    taken: dict[int, int] = {}
    _take(device, taken)
    _report(taken)
    while not select.select([sys.stdin], [], [], _PAUSE_S)[0]:
        _take(device, taken)
    _report(taken)
    if device is not None:
        for address in taken:
            device.free(address)
    return {}


def _take(device: Device | None, taken: dict[int, int]) -> None:
    """Add pieces, address by size, until there is not even the smallest."""
    if device is None:
        return
    for size in _PIECES:
        try:
            while True:
                taken[device.allocate(size)] = size
        except DriverError:
            continue


def _report(taken: dict[int, int]) -> None:
    print(json.dumps({'taken_mb': round(sum(taken.values()) / 2**20)}), flush=True)
