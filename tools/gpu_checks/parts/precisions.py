"""
Speed by precision and number of images: float32, TensorFloat-32 and float16, 1 to 8 images.

The package turns TensorFloat-32 off; how far keypoints move with it says whether it should.
"""

from collections.abc import Sequence

from gpu_checks.correctness.head_differences import differences
from gpu_checks.correctness.subjects import Image, people
from gpu_checks.gpu.stream import open_stream
from gpu_checks.plan import Plan, Result
from gpu_checks.speed.image_stages import describe_stages, stage_calls, Times
from gpu_checks.speed.networks import MeasuredNetwork, open_network, PRECISIONS, Variant
from gpu_checks.speed.timing import QUICK_ROUNDS, ROUNDS, time_in_turns, TimeLimit

from posenet_ros.framing.whole_image import stretched
from posenet_ros.settings import PoseSettings

_IMAGE = (480, 640)
_INPUT = (257, 257)
_SETTINGS = PoseSettings(input_size='257x257')
_BATCHES = (1, 2, 4, 8)
_SECONDS = 6.0


def measure(plan: Plan) -> Result:
    """Return the milliseconds of each stage by precision and number of images."""
    if plan.provider == 'tensorrt':
        return {'rows': None, 'reason': 'TensorRT builds an engine for each, in minutes'}
    stream = open_stream(plan)
    networks = {
        precision: open_network(plan, Variant(precision=precision), stream)
        for precision in PRECISIONS
    }
    image = people(*_IMAGE)
    limit, rows, missing = TimeLimit(), [], []
    for batch in _BATCHES[: 1 if plan.quick else None]:
        if limit.is_over:
            missing.append(f'{batch} images: the time was used up')
            continue
        times = _time(plan, networks, [image] * batch)
        rows += [_row(precision, batch, times) for precision in PRECISIONS]
    return {
        'clock': stream.clock,
        'networks': [network.describe() for network in networks.values()],
        'milliseconds': rows,
        'against_float32': _differences(networks, image),
        'missing': missing,
    }


def _time(
    plan: Plan, networks: dict[str, MeasuredNetwork], images: Sequence[Image]
) -> dict[str, Times]:
    """Return the times of the stages by precision; all precisions take turns."""
    calls = {
        (precision, stage): call
        for precision, measured in networks.items()
        for stage, call in stage_calls(measured, images, _SETTINGS).items()
    }
    rounds = QUICK_ROUNDS if plan.quick else ROUNDS
    found = time_in_turns(calls, rounds, seconds=_SECONDS)
    times: dict[str, Times] = {precision: {} for precision in networks}
    for (precision, stage), values in found.items():
        times[precision][stage] = values
    return times


def _row(precision: str, batch: int, times: dict[str, Times]) -> Result:
    row = describe_stages(times[precision])
    alone = row['gpu'] or row['session']
    per_second = round(1000 * batch / alone)
    return {'precision': precision, 'images': batch, **row, 'images_per_second': per_second}


def _differences(networks: dict[str, MeasuredNetwork], image: Image) -> list[Result]:
    """Return how far the heads are from those in float32."""
    framing = stretched(_IMAGE, _INPUT)
    heads = {
        precision: measured.network.infer([image], [framing])[0]
        for precision, measured in networks.items()
    }
    return [
        {'precision': precision, **differences(heads['float32'], heads[precision])}
        for precision in PRECISIONS[1:]
    ]
