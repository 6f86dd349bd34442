"""
The cases of the node over DDS. Importing this module needs ROS 2 and the benchmark's modules.

In turn, nodes with each `max_batch_size` are started. Each subscribes to as many cameras as the
largest case has. In the other cases, some of these cameras are idle.
"""

from dataclasses import dataclass
import re

from gpu_checks.plan import Plan, Result
from parts.rig import Load, measure_node, measure_transport, Rig, Scene, started_rig
from parts.tally import Tally

_SIZE = '640x480'

# The lines of the node's log that say where the network runs, and what is wrong; not the warnings
# about idle cameras.
_TELLING = re.compile(r'.*(?:output stride \d+, on |\[(?:WARN|ERROR|FATAL)\](?!.*no image for)).*')
_MAX_LINES = 20


@dataclass(frozen=True)
class Sweep:
    """The cases of a measurement: all combinations."""

    batches: tuple[int, ...]
    #: Of each camera, in Hz.
    rates: tuple[float, ...]
    cameras: tuple[int, ...]
    #: Duration of a slice.
    seconds: float


FULL = Sweep(batches=(1, 4, 8), rates=(30.0, 60.0, 120.0), cameras=(1, 2, 4, 8), seconds=1.3)
QUICK = Sweep(batches=(2,), rates=(30.0,), cameras=(2,), seconds=0.6)


def measure_cases(sweep: Sweep, plan: Plan) -> Result:
    """
    Return the figures of each case, and what the nodes logged about their provider.

    Latency is the time from an image's stamp, set when it is published, until its poses are
    received; CPU time is that of the node's process for each image. Transport is the time until
    another process has received the image, a lower bound of the latency. It is measured with the
    first `max_batch_size` only, as it does not depend on it.
    """
    cases: list[Result] = []
    logs: dict[str, list[str]] = {}
    for batch in sweep.batches:
        measured, logs[str(batch)] = _measure_batch(sweep, plan, batch)
        cases += measured
    return {'image_size': _SIZE, 'slice_seconds': sweep.seconds, 'cases': cases, 'logs': logs}


def _measure_batch(sweep: Sweep, plan: Plan, batch: int) -> tuple[list[Result], list[str]]:
    """Return the cases of one `max_batch_size`, and the telling lines of the node's log."""
    parameters = [
        f'execution_provider:={plan.provider}',
        f'device_id:={plan.device_id}',
        f'max_batch_size:={batch}',
    ]
    # Only images of different cameras share a run.
    cameras = [number for number in sweep.cameras if number > 1 or batch == 1]
    loads = [Load(rate, number) for rate in sweep.rates for number in cameras]
    transports = batch == sweep.batches[0]
    with started_rig(Scene(_SIZE, max(cameras)), parameters) as rig:
        cases = [
            {
                'max_batch_size': batch,
                **_measure_node(rig, load, sweep.seconds),
                **(_measure_transport(rig, load, sweep.seconds) if transports else {}),
            }
            for load in loads
        ]
        return cases, _TELLING.findall(rig.node.printed())[:_MAX_LINES]


def _measure_node(rig: Rig, load: Load, seconds: float) -> Result:
    tally = Tally()
    measure_node(rig, tally, load, seconds)
    figures, costs = tally.figures(), tally.costs()
    return {
        'rate': load.rate,
        'cameras': load.cameras,
        'latency_ms': figures['latency']['median'],
        'latency_p95_ms': figures['latency']['p95'],
        'published': figures['published'],
        'share': figures['share'],
        'processed_hz': figures['rate'],
        'cpu_ms': costs['cpu_ms_per_image'],
        'cpu_percent': costs['cpu_percent'],
        'resident_mb': costs['resident_mb'],
    }


def _measure_transport(rig: Rig, load: Load, seconds: float) -> Result:
    tally = Tally()
    measure_transport(rig, tally, load, seconds)
    figures = tally.figures()
    return {'transport_ms': figures['latency']['median'], 'transport_share': figures['share']}
