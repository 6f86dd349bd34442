"""
Several images in one run: each image must get its own results.

The images of a batch differ, and the batches change their order from run to run. A batch of 3 goes
through the network, which repeats the last image on a GPU.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from gpu_checks.correctness.comparison import Comparison
from gpu_checks.correctness.subjects import default_graph, Image, load, people
from gpu_checks.correctness.ways import find_ways, infer, open_reference
from gpu_checks.parts.shapes import left_out_target, recording_targets, way_targets
from gpu_checks.plan import Plan, Result
from gpu_checks.report.text import describe_error
from gpu_checks.speed.timing import TimeLimit
from gpu_checks.targets import holds

from posenet_ros.framing.framing import Framing
from posenet_ros.framing.whole_image import stretched
from posenet_ros.posenet.heads import Heads

_SIZES = (1, 4, 8)
# The size that only the network runs.
_PADDED = 3
_NETWORK = 'network'
_ROUNDS = 3
_QUICK_ROUNDS = 2
_IMAGE_SIZE = (480, 640)
_FRAMING = stretched(_IMAGE_SIZE, (257, 257))
# Seconds after which no further way is run.
_BUDGET_S = 60.0

# Returns the heads of images in their framings.
InferBatch: TypeAlias = Callable[[Sequence[Image], Sequence[Framing]], list[Heads]]


def measure(plan: Plan) -> Result:
    """Return the comparison for each way and number of images, and the targets."""
    limit = TimeLimit(plan.allow(_BUDGET_S))
    rows, targets, left_out = [], [], []
    batches = _Batches(_QUICK_ROUNDS if plan.quick else _ROUNDS)
    sizes = _SIZES[: 2 if plan.quick else None]
    for way, open_way in _ways(plan).items():
        if limit.is_over:
            left_out.append(way)
            targets.append(left_out_target(way))
            continue
        comparison = Comparison()
        try:
            infer_batch = open_way()
            for count in [_PADDED] if way == _NETWORK else sizes:
                rows.append({'way': way, **batches.run(infer_batch, count, comparison)})
        except Exception as error:  # of any library; the other ways may work
            rows.append({'way': way, 'error': describe_error(error)})
            targets.append(holds(f'{way}: runs', False, describe_error(error)))
            continue
        targets += way_targets(way, comparison)
    return {'rows': rows, 'left_out': left_out, 'targets': targets + recording_targets(plan)}


def _ways(plan: Plan) -> dict[str, Callable[[], InferBatch]]:
    """Return a function for each way to run batches, and for the network."""
    graph = default_graph()
    ways = {
        name: lambda open_way=open_way: partial(infer, open_way())
        for name, open_way in find_ways(plan, graph).items()
    }
    return {**ways, _NETWORK: lambda: load(plan, graph).infer}


class _Batches:
    """Different images, the CPU's heads of each, and batches of them."""

    def __init__(self, rounds: int) -> None:
        """Run each image on the CPU; each batch size will be run so often."""
        self._rounds = rounds
        self._images = _different_images(max(_SIZES))
        reference = open_reference(default_graph())
        self._expected = [infer(reference, [image], [_FRAMING])[0] for image in self._images]

    def run(self, infer_batch: InferBatch, count: int, comparison: Comparison) -> Result:
        """Run batches of so many images, also add them to a comparison, and return the row."""
        of_batch = Comparison()
        for first in range(self._rounds):
            order = [(first + number) % len(self._images) for number in range(count)]
            found = infer_batch([self._images[number] for number in order], [_FRAMING] * count)
            for heads, own in zip(found, order, strict=True):
                of_batch.add(heads, self._expected, own)
                comparison.add(heads, self._expected, own)
        return {'batch': count, **of_batch.figures()}


def _different_images(count: int) -> list[Image]:
    """Return images of the same people that stand elsewhere in each."""
    height, width = _IMAGE_SIZE
    step = 16
    large = people(height + step * count, width + step * count)
    corners = [step * number for number in range(count)]
    views = [large[corner:, corner:][:height, :width] for corner in corners]
    return [view[:, ::-1] if number % 2 else view for number, view in enumerate(views)]
