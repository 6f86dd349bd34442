"""
What other ways of moving data would give: figures for the next improvement.

Compared with the package's own way are a copy for each tensor, pinned host memory, a stream
without waiting between the steps, runs that are not replayed, and sampling on the device.
"""

from gpu_checks.correctness.subjects import IMAGE_SIZES, people
from gpu_checks.gpu.stream import open_stream, Stream
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed import probes
from gpu_checks.speed.moves import Calls, Moves
from gpu_checks.speed.networks import open_network, Variant
from gpu_checks.speed.timing import (
    median,
    p95,
    QUICK_ROUNDS,
    ROUNDS,
    time_in_turns,
    time_wall,
    TimeLimit,
)
from gpu_checks.targets import holds

from posenet_ros.framing.sampling import sample_images
from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.graph_feed import make_feed

#: The case of a node with the default network, and one with much to move.
_CASES = ((16, (257, 257)), (8, (481, 641)))
_INPUT = (257, 257)
_SECONDS = 4.0


def measure(plan: Plan) -> Result:
    """Return the milliseconds of each way to upload, to run, to download, and to sample."""
    limit, stream = TimeLimit(), open_stream(plan)
    copies: list[Result] = []
    runs: list[Result] = []
    agreed, sampling, missing = [], [], []
    for stride, size in _CASES[: 1 if plan.quick or plan.provider == 'tensorrt' else None]:
        if limit.is_over:
            missing.append(f'stride {stride}: the time was used up')
            continue
        try:
            found, whole, agrees = _measure_case(plan, stream, stride, size)
        except Exception as error:  # of any library; the other case may work
            missing.append(f'stride {stride}: {describe_error(error)}')
            continue
        copies += found
        runs += whole
        agreed.append(agrees)
    for name in list(IMAGE_SIZES)[: 1 if plan.quick else None]:
        if limit.is_over:
            missing.append(f'sampling of {name}: the time was used up')
        else:
            sampling.append(_sampling(plan, stream, name))
    return {
        'clock': stream.clock,
        'copies': copies,
        'runs': runs,
        'sampling': sampling,
        'missing': missing,
        'targets': [
            holds('all ways to move data give the same heads', all(agreed) if agreed else None)
        ],
    }


def _measure_case(
    plan: Plan, stream: Stream, stride: int, size: tuple[int, int]
) -> tuple[list[Result], list[Result], bool]:
    """
    Return the rows of the copies and of whole runs, and whether all ways give the same heads.

    Raises RuntimeError if the session was replaced.
    """
    measured = open_network(plan, Variant(output_stride=stride), stream)
    case = {'stride': stride, 'input': f'{size[0]}x{size[1]}'}
    moves = Moves(measured, make_feed([people(*size)], [stretched(size, size)], stride))
    copies = [{**case, **row} for row in _time(plan, moves.copies())]
    runs = [{**case, **row} for row in _time(plan, moves.runs())]
    agrees = moves.agree()
    moves.close()
    measured.describe()
    return copies, runs, agrees


def _time(plan: Plan, calls: Calls) -> list[Result]:
    """Return the median and the 95th percentile of each call; all take turns."""
    timed = {name: time_wall(call) for name, call in calls.items()}
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    times = time_in_turns(timed, rounds, seconds=_SECONDS)
    return [{'way': name, 'ms': median(one), 'p95_ms': p95(one)} for name, one in times.items()]


def _sampling(plan: Plan, stream: Stream, name: str) -> Result:
    """Return what sampling costs on the CPU, and what it would cost on the device."""
    size = IMAGE_SIZES[name]
    image = people(*size)
    framing = stretched(size, _INPUT)
    samples = sample_images([image], [framing]).neighbours.base
    assert samples is not None
    pinned = stream.allocate_pinned(image.nbytes)
    pinned[:] = image.reshape(-1)
    probe = probes.sampling(plan, stream, size, _INPUT)
    address = stream.allocate(max(image.nbytes, samples.nbytes))
    probe.run()
    calls = {
        'sample_on_cpu_ms': time_wall(lambda: sample_images([image], [framing])),
        'upload_samples_ms': time_wall(lambda: stream.upload(address, samples)),
        'upload_image_ms': time_wall(lambda: stream.upload(address, image)),
        'upload_pinned_image_ms': time_wall(lambda: stream.upload(address, pinned)),
        'sample_on_device_ms': probe.time,
    }
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    times = time_in_turns(calls, rounds, seconds=_SECONDS)
    stream.free_pinned(pinned)
    stream.free(address)
    return {'image': name, **{call: median(one) for call, one in times.items()}}
