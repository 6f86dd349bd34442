"""
Several images in one run: each image must get its own results.

The images of a batch differ, and the batches change their order from run to run. A batch of 3 goes
through the network, which repeats the last image on a GPU.
"""

from collections.abc import Sequence

from gpu_checks.comparison import Comparison
from gpu_checks.parts.shapes import way_targets
from gpu_checks.plan import Plan, Result
from gpu_checks.subjects import default_graph, Image, load, people
from gpu_checks.ways import infer, open_reference, open_ways

from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.heads import Heads

_SIZES = (1, 4, 8)
_PADDED = 3
_ROUNDS = 3
_QUICK_ROUNDS = 2
_INPUT_SIZE = (257, 257)
_IMAGE_SIZE = (480, 640)


def measure(plan: Plan) -> Result:
    """Return the comparison for each way and number of images, and the targets."""
    graph, rounds = default_graph(), _QUICK_ROUNDS if plan.quick else _ROUNDS
    ways, reference = open_ways(plan, graph), open_reference(graph)
    images = _different_images(max(_SIZES))
    framing = stretched(_IMAGE_SIZE, _INPUT_SIZE)
    expected = [infer(reference, [image], [framing])[0] for image in images]
    comparisons = {way: Comparison() for way in ways}
    rows = []
    for count in _SIZES[: 2 if plan.quick else None]:
        for way, run in ways.items():
            of_batch = Comparison()
            for order in _orders(count, rounds):
                batch = [images[number] for number in order]
                found = infer(run, batch, [framing] * count)
                _add(found, expected, order, [of_batch, comparisons[way]])
            rows.append({'batch': count, 'way': way, **of_batch.figures()})
    padded = Comparison()
    network = load(plan, graph)
    for order in _orders(_PADDED, rounds):
        found = network.infer([images[number] for number in order], [framing] * _PADDED)
        _add(found, expected, order, [padded])
    rows.append({'batch': _PADDED, 'way': 'network', **padded.figures()})
    return {'rows': rows, 'targets': way_targets({**comparisons, 'network': padded})}


def _add(
    found: Sequence[Heads],
    expected: Sequence[Heads],
    order: Sequence[int],
    comparisons: Sequence[Comparison],
) -> None:
    for heads, own in zip(found, order, strict=True):
        for comparison in comparisons:
            comparison.add(heads, expected, own)


def _orders(count: int, rounds: int) -> list[list[int]]:
    """Return the numbers of the images in each run, each time others first."""
    return [[(first + number) % max(_SIZES) for number in range(count)] for first in range(rounds)]


def _different_images(count: int) -> list[Image]:
    """Return images of the same people that stand elsewhere in each."""
    height, width = _IMAGE_SIZE
    step = 16
    large = people(height + step * count, width + step * count)
    corners = [step * number for number in range(count)]
    views = [large[corner:, corner:][:height, :width] for corner in corners]
    return [view[:, ::-1] if number % 2 else view for number, view in enumerate(views)]
