"""
What the device could reach: the time of the session beside bounds by arithmetic and by memory.

The peaks are measured: arithmetic with a product of large matrices in ONNX Runtime, bandwidth with
a copy within the device's memory, and the start of a kernel with a chain of tiny ones.
"""

from dataclasses import dataclass

from gpu_checks.correctness.subjects import people
from gpu_checks.gpu.stream import open_stream, Stream
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed import probes
from gpu_checks.speed.costs import Cost, fused_costs, graph_costs
from gpu_checks.speed.networks import MeasuredNetwork, open_network, PRECISIONS, Variant
from gpu_checks.speed.onnx_graphs import FLOAT16, read_graph
from gpu_checks.speed.timing import median, QUICK_ROUNDS, time_in_turns, TimeLimit

from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.graph_feed import make_feed

# The most important first.
_VARIANTS = (
    *(Variant(precision=precision) for precision in PRECISIONS),
    *(Variant(output_stride=8, precision=precision) for precision in PRECISIONS),
    *(Variant('mobilenet_v1_100', precision=precision) for precision in PRECISIONS),
)
_INPUTS = ((257, 257), (481, 641))

# Of matrices: on a GPU, and on a CPU, on which the larger ones would take minutes.
_SIDE, _SIDE_ON_CPU = 4096, 512
_COPIED = 2**28
_CHAIN = 64
_ROUNDS = 50
_SECONDS = 1.5


@dataclass(frozen=True)
class Peaks:
    """What a device can do."""

    #: Multiply-adds a second, by precision.
    multiply_adds: dict[str, float]
    #: Bytes a second that a copy reads and writes.
    bandwidth: float
    #: Milliseconds for each further node.
    node_ms: float


def measure(plan: Plan) -> Result:
    """Return the peaks of the device, and a row for each network, precision and input size."""
    limit, stream = TimeLimit(), open_stream(plan)
    rows, missing = [], []
    peaks = measure_peaks(plan, stream)
    # Another engine of TensorRT would take minutes to build.
    only_first = plan.quick or plan.provider == 'tensorrt'
    for variant in _VARIANTS[: 1 if only_first else None]:
        if limit.is_over:
            missing.append(f'{variant}: the time was used up')
            continue
        try:
            rows += _rows(plan, open_network(plan, variant, stream), peaks)
        except Exception as error:  # of any library; the other networks may work
            missing.append(f'{variant}: {describe_error(error)}')
    return {
        'clock': stream.clock,
        'peaks': {
            **{
                f'{name}_tflops': round(2e-12 * one, 3)
                for name, one in peaks.multiply_adds.items()
            },
            'bandwidth_gb_s': round(1e-9 * peaks.bandwidth, 1),
            'node_us': round(1e3 * peaks.node_ms, 3),
        },
        'rows': rows,
        'missing': missing,
    }


def measure_peaks(plan: Plan, stream: Stream) -> Peaks:
    """Measure what the device can do."""
    side = _SIDE_ON_CPU if plan.is_rehearsal else _SIDE
    if plan.quick:
        side = 128
    rounds = QUICK_ROUNDS if plan.quick else _ROUNDS
    multiply_adds = {}
    for precision in PRECISIONS:
        product = probes.matrix_product(plan, stream, side, precision=precision)
        product.run()
        times = time_in_turns({0: product.time}, rounds, seconds=_SECONDS)[0]
        multiply_adds[precision] = side**3 / (median(times) / 1e3)
    return Peaks(multiply_adds, _bandwidth(plan, stream), _node_ms(plan, stream, rounds))


def _bandwidth(plan: Plan, stream: Stream) -> float:
    """Return the bytes a second that a copy within the device's memory reads and writes."""
    size = min(2**20 if plan.quick else _COPIED, stream.memory()[0] // 8)
    source, target = stream.allocate(size), stream.allocate(size)
    try:
        times = [
            stream.measure(lambda: stream.enqueue_copy(target, source, size))
            for _ in range(QUICK_ROUNDS if plan.quick else _ROUNDS)
        ]
    finally:
        stream.free(source)
        stream.free(target)
    return 2 * size / (median(times) / 1e3)


def _node_ms(plan: Plan, stream: Stream, rounds: int) -> float:
    """Return the milliseconds for each further node of a graph."""
    short, long = probes.chain(plan, stream, 2), probes.chain(plan, stream, 2 + _CHAIN)
    short.run()
    long.run()
    times = time_in_turns({'short': short.time, 'long': long.time}, rounds, seconds=_SECONDS)
    return max(0.0, median(times['long']) - median(times['short'])) / _CHAIN


def _rows(plan: Plan, measured: MeasuredNetwork, peaks: Peaks) -> list[Result]:
    """Return a row for each input size; raises RuntimeError if the session was replaced."""
    sizes = _INPUTS[: 1 if plan.quick else None]
    rows = [_row(plan, measured, size, peaks) for size in sizes]
    measured.describe()
    return rows


def _row(plan: Plan, measured: MeasuredNetwork, size: tuple[int, int], peaks: Peaks) -> Result:
    """Return the bounds and the time of a network at an input size."""
    height, width = size
    stride = measured.network.output_stride
    feed = make_feed([people(*size)], [stretched(size, size)], stride)
    buffers = measured.buffers(feed)
    runs = measured.runs(buffers.binding)
    buffers.upload(feed)
    runs.run()
    rounds = QUICK_ROUNDS if plan.quick else _ROUNDS
    calls = {'gpu': lambda: measured.stream.measure(lambda: runs.run(wait=False))}
    times = time_in_turns(calls, rounds, seconds=_SECONDS)['gpu']
    graph = read_graph(measured.network.graph.read_bytes())
    costs = graph_costs(graph, images=1, height=height, width=width)
    bounds = bounds_ms(costs, feed.input_bytes, measured.variant.precision, peaks)
    taken = median(times) if measured.is_on_stream else None
    return {
        'network': str(measured.variant),
        'input': f'{height}x{width}',
        **bounds,
        'gpu_ms': taken,
        'times_bound': None if taken is None else round(taken / bounds['bound_ms'], 1),
    }


def bounds_ms(costs: list[Cost], inputs: int, precision: str, peaks: Peaks) -> Result:
    """
    Return the multiply-adds, the megabytes moved, and the least milliseconds by each limit.

    `bound_ms` is for convolutions that everything else is fused into: each takes as long as its
    arithmetic or its memory traffic, whichever is longer. `unfused_ms` is the memory traffic of
    all nodes one by one, and `nodes_ms` the time for starting them. `inputs` is the size of the
    graph's inputs in bytes.
    """
    fused = fused_costs(costs, inputs)
    arithmetic = [1e3 * one.multiply_adds / _peak(one, precision, peaks) for one in fused]
    memory = [1e3 * one.traffic / peaks.bandwidth for one in fused]
    return {
        'nodes': len(costs),
        'gmacs': round(1e-9 * sum(one.multiply_adds for one in costs), 4),
        'fused_mb': round(1e-6 * sum(one.traffic for one in fused), 3),
        'unfused_mb': round(1e-6 * sum(one.traffic for one in costs), 3),
        'arithmetic_ms': round(sum(arithmetic), 5),
        'memory_ms': round(sum(memory), 5),
        'bound_ms': round(sum(map(max, zip(arithmetic, memory, strict=True))), 5),
        'unfused_ms': round(1e3 * sum(one.traffic for one in costs) / peaks.bandwidth, 5),
        'nodes_ms': round(peaks.node_ms * len(costs), 5),
    }


def _peak(cost: Cost, precision: str, peaks: Peaks) -> float:
    """Return the multiply-adds a second for a node."""
    if precision == 'tf32':
        return peaks.multiply_adds['tf32']
    kind = 'float16' if cost.element_type == FLOAT16 else 'float32'
    return peaks.multiply_adds[kind]
