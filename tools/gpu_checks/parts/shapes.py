"""
CUDA graphs and bound buffers over more input sizes than are recorded.

At each size, several pictures take turns, in two rounds over all sizes. So each recorded run is
replayed with other pictures, and again after all other sizes have run.
"""

import math

from gpu_checks.comparison import Comparison, largest_difference
from gpu_checks.distances import agreement_target
from gpu_checks.plan import Plan, Result
from gpu_checks.subjects import default_graph, Image, people
from gpu_checks.targets import at_most, holds
from gpu_checks.ways import BOUND, infer, NO_RECORDING, open_reference, open_ways, RECORDED
import numpy as np

from posenet_ros.framing.framing import Size
from posenet_ros.framing.whole_image import stretched
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
_IMAGE_SIZE = (480, 640)


def sizes_of(plan: Plan) -> tuple[Size, ...]:
    """Return the sizes to run; TensorRT builds an engine for each, which takes minutes."""
    return SIZES[:2] if plan.quick or plan.provider == 'tensorrt' else SIZES


def measure(plan: Plan) -> Result:
    """Return the comparison in each way, the largest distance at each size, and the targets."""
    graph = default_graph()
    ways = open_ways(plan, graph)
    reference = open_reference(graph)
    image = people(*_IMAGE_SIZE)
    images = [image, image[:, ::-1], np.zeros_like(image)]
    sizes = sizes_of(plan)
    expected = {size: _infer(reference, images, size) for size in sizes}
    comparisons = {way: Comparison() for way in ways}
    largest: dict[str, dict[Size, float]] = {way: dict.fromkeys(sizes, 0.0) for way in ways}
    identical = True
    for size in sizes * _ROUNDS:
        found = {way: _infer(run, images, size) for way, run in ways.items()}
        for way, heads in found.items():
            for number, one in enumerate(heads):
                distance = comparisons[way].add(one, expected[size], number)
                largest[way][size] = max(largest[way][size], distance)
        identical &= _are_identical(found.get(RECORDED, found[BOUND]), found[BOUND])
    return {
        'ways': [{'way': way, **one.figures()} for way, one in comparisons.items()],
        'recorded_identical_to_bound': identical if RECORDED in ways else None,
        'reason': '' if RECORDED in ways else NO_RECORDING,
        'largest_px_by_size': _rows(largest, sizes),
        'targets': way_targets(comparisons),
    }


def way_targets(comparisons: dict[str, Comparison]) -> list[Result]:
    """Return the targets of the comparison in each way."""
    targets = []
    for way, one in comparisons.items():
        what = f'heads of another image ({way})'
        targets.append(at_most(what, one.of_another_image, 0))
        targets.append(agreement_target(way, one.agreement, 'float32'))
    if RECORDED not in comparisons:
        targets.append(holds('recorded runs are correct', None, NO_RECORDING))
    return targets


def _infer(run: GraphRun, images: list[Image], size: Size) -> list[Heads]:
    """Return the heads of each image from a run of its own."""
    framing = stretched(_IMAGE_SIZE, size)
    return [head for image in images for head in infer(run, [image], [framing])]


def _are_identical(first: list[Heads], second: list[Heads]) -> bool:
    pairs = zip(first, second, strict=True)
    return all(largest_difference(one, other) == 0 for one, other in pairs)


def _rows(largest: dict[str, dict[Size, float]], sizes: tuple[Size, ...]) -> list[Result]:
    return [
        {'size': f'{size[0]}x{size[1]}'}
        | {way: _finite(distances[size]) for way, distances in largest.items()}
        for size in sizes
    ]


def _finite(distance: float) -> float | None:
    """Return a rounded distance, or None if nobody was found."""
    return round(distance, 5) if math.isfinite(distance) else None
