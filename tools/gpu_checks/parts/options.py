"""
What other options of the CUDA provider than the package's would give.

The search for the fastest convolution also decides how long the start takes. With prefer_nhwc,
convolutions have the channels last.
"""

import time

from gpu_checks.correctness.head_differences import differences
from gpu_checks.correctness.subjects import people
from gpu_checks.gpu.stream import open_stream
from gpu_checks.plan import Plan, Result
from gpu_checks.speed.networks import MeasuredNetwork, open_network, Variant
from gpu_checks.speed.timing import (
    median,
    QUICK_ROUNDS,
    ROUNDS,
    time_in_turns,
    time_wall,
    Timed,
    TimeLimit,
)

from posenet_ros.errors import PosenetError
from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.graph_feed import make_feed

_SIZE = (257, 257)
_PRECISIONS = ('float32', 'float16')
_OPTIONS = (
    (),
    (('prefer_nhwc', '1'),),
    (('fuse_conv_bias', '1'),),
    (('cudnn_conv_algo_search', 'HEURISTIC'),),
    (('cudnn_conv_use_max_workspace', '0'),),
)
_SECONDS = 8.0


def measure(plan: Plan) -> Result:
    """Return the time of the network and of its start for each option and precision."""
    if plan.provider == 'tensorrt':
        return {'rows': None, 'reason': 'these are options of CUDA'}
    stream = open_stream(plan)
    limit, missing = TimeLimit(), []
    networks: dict[Variant, tuple[MeasuredNetwork, float]] = {}
    for variant in _variants(plan):
        begin = time.monotonic()
        if limit.is_over:
            missing.append(f'{variant}: the time was used up')
            continue
        try:
            networks[variant] = open_network(plan, variant, stream), time.monotonic() - begin
        except PosenetError as error:
            missing.append(f'{variant}: {error}')
    return {'clock': stream.clock, 'rows': _rows(plan, networks), 'missing': missing}


def _variants(plan: Plan) -> list[Variant]:
    variants = [
        Variant(precision=precision, options=options)
        for options in _OPTIONS
        for precision in _PRECISIONS
    ]
    return variants[:3] if plan.quick else variants


def _rows(plan: Plan, networks: dict[Variant, tuple[MeasuredNetwork, float]]) -> list[Result]:
    """Return a row for each network; their runs take turns."""
    runs = {variant: _Run(measured) for variant, (measured, _) in networks.items()}
    calls = {
        (variant, name): call for variant, run in runs.items() for name, call in run.calls.items()
    }
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    times = time_in_turns(calls, rounds, seconds=_SECONDS)
    rows = []
    for variant, (measured, start) in networks.items():
        own = runs.get(Variant(precision=variant.precision), runs[variant])
        rows.append(
            {
                **measured.describe(),
                'gpu': median(times[variant, 'gpu']) if measured.is_on_stream else None,
                'session': median(times[variant, 'session']),
                'start_s': round(start, 2),
                **differences(own.heads, runs[variant].heads),
            }
        )
    return rows


class _Run:
    """A run of a network, which is measured."""

    def __init__(self, measured: MeasuredNetwork) -> None:
        image, framing = people(*_SIZE), stretched(_SIZE, _SIZE)
        self.heads = measured.network.infer([image], [framing])[0]
        feed = make_feed([image], [framing], measured.network.output_stride)
        # Kept as long as the run is, which is bound to these buffers.
        self._buffers = measured.buffers(feed)
        runs = measured.runs(self._buffers.binding)
        self._buffers.upload(feed)
        runs.run()
        stream = measured.stream
        self.calls: dict[str, Timed] = {
            'session': time_wall(runs.run),
            'gpu': lambda: stream.measure(lambda: runs.run(wait=False)),
        }
