"""
CUDA graphs and bound buffers over more input sizes than are recorded.

At each size, several pictures take turns, in two rounds over all sizes. So each recorded run is
replayed with other pictures, and again after all other sizes have run.
"""

import math

from gpu_checks.correctness.comparison import Comparison, largest_difference
from gpu_checks.correctness.distances import repeated_target, REQUIRED
from gpu_checks.correctness.subjects import default_graph, Image, people
from gpu_checks.correctness.ways import (
    BOUND,
    find_ways,
    infer,
    NO_RECORDING,
    open_reference,
    RECORDED,
)
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed.timing import TimeLimit
from gpu_checks.targets import at_most, holds
import numpy as np

from posenet_ros.framing.framing import Size
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.execution_providers import PROVIDERS
from posenet_ros.inference.graph_runs import GraphRun
from posenet_ros.posenet.heads import Heads

#: 12 sizes (height, width); 8 are recorded.
SIZES: tuple[Size, ...] = (
    (257, 257),
    (129, 129),
    (161, 209),
    (193, 257),
    (241, 321),
    (257, 353),
    (289, 385),
    (321, 321),
    (353, 481),
    (385, 513),
    (417, 561),
    (481, 641),
)

_ROUNDS = 2
_RECORDED, _BOUND = f'{RECORDED} float32', f'{BOUND} float32'
_IMAGE_SIZE = (480, 640)
# Seconds after which no further way is run.
_BUDGET_S = 80.0


def sizes_of(plan: Plan) -> tuple[Size, ...]:
    """Return the sizes to run; TensorRT builds an engine for each, which takes minutes."""
    return SIZES[:2] if plan.quick or plan.provider == 'tensorrt' else SIZES


def measure(plan: Plan) -> Result:
    """Return the comparison in each way, the largest distance at each size, and the targets."""
    limit, sizes, images = TimeLimit(plan.allow(_BUDGET_S)), sizes_of(plan), _images()
    reference = open_reference(default_graph())
    expected = {size: _infer(reference, images, size) for size in sizes}
    rows, targets, left_out = [], [], []
    largest: dict[str, dict[Size, float]] = {}
    heads: dict[str, list[Heads]] = {}
    for precision in list(REQUIRED)[: 1 if plan.quick else None]:
        for way, open_way in find_ways(plan, default_graph(precision), precision).items():
            name = f'{way} {precision}'
            if limit.is_over:
                left_out.append(name)
                targets.append(left_out_target(name))
                continue
            comparison, of_way = Comparison(), dict.fromkeys(sizes, 0.0)
            try:
                heads[name] = _run(open_way(), images, expected, comparison, of_way)
            except Exception as error:  # of any library; the other ways may work
                rows.append({'way': name, 'error': describe_error(error)})
                targets.append(holds(f'{name}: runs', False, describe_error(error)))
                continue
            largest[name] = of_way
            rows.append({'way': name, **comparison.figures()})
            targets += way_targets(name, comparison, precision)
    return {
        'ways': rows,
        'left_out': left_out,
        # The two sessions choose the kernels of cuDNN independently: not 0 is no fault.
        'head_difference_of_recorded_and_bound': _largest_difference(heads),
        'reason': '' if PROVIDERS[plan.provider].replays else NO_RECORDING,
        'largest_px_by_size': _rows(largest, sizes),
        'targets': targets + recording_targets(plan),
    }


def way_targets(way: str, comparison: Comparison, precision: str = 'float32') -> list[Result]:
    """
    Return the targets of the comparison in one way.

    A few keypoints may move far, and here these are the same ones in every run. So the limit for
    float32 is low, and there is none for float16. The part `agreement`, which has more pictures,
    judges both.
    """
    targets = [at_most(f'{way}: heads of another image', comparison.of_another_image, 0)]
    if precision == 'float32':
        targets.append(repeated_target(way, comparison.agreement))
    return targets


def left_out_target(way: str) -> Result:
    """Return the undecided target of a way for which no time was left."""
    return holds(f'{way}: runs', None, 'no time was left')


def recording_targets(plan: Plan) -> list[Result]:
    """Return an undecided target if the provider does not record runs."""
    if PROVIDERS[plan.provider].replays:
        return []
    return [holds('recorded runs are correct', None, NO_RECORDING)]


def _images() -> list[Image]:
    image = people(*_IMAGE_SIZE)
    return [image, image[:, ::-1], np.zeros_like(image)]


def _run(
    run: GraphRun,
    images: list[Image],
    expected: dict[Size, list[Heads]],
    comparison: Comparison,
    largest: dict[Size, float],
) -> list[Heads]:
    """Run all images at all sizes, add them to the comparison, and return their heads."""
    heads = []
    for size, of_cpu in [*expected.items()] * _ROUNDS:
        for number, found in enumerate(_infer(run, images, size)):
            distance = comparison.add(found, of_cpu, number)
            largest[size] = max(largest[size], distance)
            heads.append(found)
    return heads


def _infer(run: GraphRun, images: list[Image], size: Size) -> list[Heads]:
    """Return the heads of each image from a run of its own."""
    framing = stretched(_IMAGE_SIZE, size)
    return [head for image in images for head in infer(run, [image], [framing])]


def _largest_difference(heads: dict[str, list[Heads]]) -> float | None:
    """Return the largest difference of recorded runs from bound runs; None without both."""
    if _RECORDED not in heads or _BOUND not in heads:
        return None
    pairs = zip(heads[_RECORDED], heads[_BOUND], strict=True)
    return max(largest_difference(one, other) for one, other in pairs)


def _rows(largest: dict[str, dict[Size, float]], sizes: tuple[Size, ...]) -> list[Result]:
    return [
        {'size': f'{size[0]}x{size[1]}'}
        | {way: _finite(distances[size]) for way, distances in largest.items()}
        for size in sizes
    ]


def _finite(distance: float) -> float | None:
    """Return a rounded distance, or None if nobody was found."""
    return round(distance, 5) if math.isfinite(distance) else None
