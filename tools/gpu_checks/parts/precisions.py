"""
Speed by precision and number of images: float32, TensorFloat-32 and float16, 1 to 8 images.

The package turns TensorFloat-32 off; how far keypoints move with it says whether it should.
"""

from collections.abc import Sequence

from gpu_checks.correctness.head_differences import differences
from gpu_checks.correctness.subjects import Image, people
from gpu_checks.gpu.stream import open_stream, Stream
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed.image_stages import describe_stages, stage_calls, Times
from gpu_checks.speed.networks import MeasuredNetwork, open_network, PRECISIONS, Variant
from gpu_checks.speed.timing import QUICK_ROUNDS, ROUNDS, time_in_turns, TimeLimit

from posenet_ros.errors import PosenetError
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
    limit, stream = TimeLimit(), open_stream(plan)
    rows: list[Result] = []
    missing: list[str] = []
    networks = _open(plan, stream, missing)
    image = people(*_IMAGE)
    for batch in _BATCHES[: 1 if plan.quick else None]:
        if limit.is_over:
            missing.append(f'{batch} images: the time was used up')
            continue
        try:
            times = _time(plan, networks, [image] * batch)
        except Exception as error:  # of any library; the figures of fewer images remain
            missing.append(f'{batch} images: {describe_error(error)}')
            break
        rows += [_row(precision, batch, times) for precision in networks]
    differences_found = _differences(networks, image)
    described = _describe(networks, missing)
    return {
        'clock': stream.clock,
        'networks': list(described.values()),
        'milliseconds': [row for row in rows if row['precision'] in described],
        'against_float32': [row for row in differences_found if row['precision'] in described],
        'missing': missing,
    }


def _open(plan: Plan, stream: Stream, missing: list[str]) -> dict[str, MeasuredNetwork]:
    """Return the networks by precision; adds to `missing` why others cannot be opened."""
    networks = {}
    for precision in PRECISIONS:
        try:
            networks[precision] = open_network(plan, Variant(precision=precision), stream)
        except PosenetError as error:
            missing.append(f'{precision}: {error}')
    return networks


def _describe(networks: dict[str, MeasuredNetwork], missing: list[str]) -> dict[str, Result]:
    """Return what was measured by precision, without networks whose session was replaced."""
    described = {}
    for precision, measured in networks.items():
        try:
            described[precision] = measured.describe()
        except RuntimeError as error:
            missing.append(f'{precision}: {error}')
    return described


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
        for precision in heads
        if precision != 'float32' and 'float32' in heads
    ]
