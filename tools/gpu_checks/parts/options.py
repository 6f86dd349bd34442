"""
What other options of the CUDA provider than the package's would give.

The search for the fastest convolution also decides how long the start takes. With prefer_nhwc,
convolutions have the channels last.
"""

import time
from typing import TypeAlias

from gpu_checks.correctness.head_differences import differences
from gpu_checks.correctness.subjects import people
from gpu_checks.gpu.stream import open_stream, Stream
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed.networks import open_network, Variant
from gpu_checks.speed.timing import (
    median,
    QUICK_ROUNDS,
    ROUNDS,
    time_in_turns,
    time_wall,
    Timed,
    TimeLimit,
)

from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.graph_feed import make_feed

# Names and values of options of the CUDA provider.
_Options: TypeAlias = tuple[tuple[str, str], ...]

_SIZE = (257, 257)
_PRECISIONS = ('float32', 'float16')
# The package's own first: one that fails can leave the context broken for those that follow. The
# most adventurous is last.
_OPTIONS: tuple[_Options, ...] = (
    (),
    (('fuse_conv_bias', '1'),),
    (('cudnn_conv_algo_search', 'HEURISTIC'),),
    (('cudnn_conv_use_max_workspace', '0'),),
    (('prefer_nhwc', '1'),),
)
_SECONDS = 2.0


def measure(plan: Plan) -> Result:
    """Return the time of the network and of its start for each option and precision."""
    if plan.provider == 'tensorrt':
        return {'rows': None, 'reason': 'these are options of CUDA'}
    limit, stream = TimeLimit(), open_stream(plan)
    rows: list[Result] = []
    missing: list[str] = []
    package: dict[str, _Run] = {}
    for options in _OPTIONS[: 2 if plan.quick else None]:
        runs = _open(plan, options, stream, limit, missing)
        package = package or {run.precision: run for run in runs}
        try:
            rows += _rows(plan, runs, package)
        except Exception as error:  # of any library; what was measured remains
            missing.append(f'{options}: {describe_error(error)}')
    return {'clock': stream.clock, 'rows': rows, 'missing': missing}


class _Run:
    """A run of a network, which is measured."""

    def __init__(self, plan: Plan, variant: Variant, stream: Stream) -> None:
        """Load the network, and run it once."""
        self.precision = variant.precision
        begin = time.monotonic()
        self.measured = open_network(plan, variant, stream)
        self.start_s = time.monotonic() - begin
        image, framing = people(*_SIZE), stretched(_SIZE, _SIZE)
        self.heads = self.measured.network.infer([image], [framing])[0]
        feed = make_feed([image], [framing], self.measured.network.output_stride)
        # Kept as long as the run is, which is bound to these buffers.
        self._buffers = self.measured.buffers(feed)
        runs = self.measured.runs(self._buffers.binding)
        self._buffers.upload(feed)
        runs.run()
        self.calls: dict[str, Timed] = {
            'session': time_wall(runs.run),
            'gpu': lambda: stream.measure(lambda: runs.run(wait=False)),
        }


def _open(
    plan: Plan, options: _Options, stream: Stream, limit: TimeLimit, missing: list[str]
) -> list[_Run]:
    """Return a run for each precision; adds to `missing` why there is none."""
    runs = []
    for precision in _PRECISIONS:
        variant = Variant(precision=precision, options=options)
        if limit.is_over:
            missing.append(f'{variant}: the time was used up')
            continue
        try:
            runs.append(_Run(plan, variant, stream))
        except Exception as error:  # of any library; other options may work
            missing.append(f'{variant}: {describe_error(error)}')
    return runs


def _rows(plan: Plan, runs: list[_Run], package: dict[str, _Run]) -> list[Result]:
    """Return a row for each run; they take turns with those of the package's own options."""
    calls = {
        (run, name): call
        for run in dict.fromkeys([*runs, *package.values()])
        for name, call in run.calls.items()
    }
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    times = time_in_turns(calls, rounds, seconds=_SECONDS)
    rows = []
    for run in runs:
        own, on_stream = package.get(run.precision, run), run.measured.is_on_stream
        rows.append(
            {
                **run.measured.describe(),
                'gpu': median(times[run, 'gpu']) if on_stream else None,
                'package_gpu': median(times[own, 'gpu']) if on_stream else None,
                'session': median(times[run, 'session']),
                'start_s': round(run.start_s, 2),
                **differences(own.heads, run.heads),
            }
        )
    return rows
