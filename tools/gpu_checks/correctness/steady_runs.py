"""Runs of the default network at its usual size, each compared with the CPU."""

import statistics
import time

from gpu_checks.correctness.comparison import Comparison
from gpu_checks.correctness.reference import Reference
from gpu_checks.correctness.subjects import default_graph, load, people
from gpu_checks.plan import Plan, Result

from posenet_ros.framing.whole_image import stretched

# Seconds for each series of runs.
_MAX_S = 5.0
_FRAMING = stretched((480, 640), (257, 257))


class SteadyRuns:
    """A network on the device under test, and the comparison of all its runs."""

    def __init__(self, plan: Plan, reference: Reference) -> None:
        """Load the network."""
        image = people(480, 640)
        self._images = [image, image[:, ::-1]]
        self._expected = reference.infer(self._images, [_FRAMING] * 2)
        self._network = load(plan, default_graph())
        self._comparison = Comparison()
        self._runs = 0

    @property
    def comparison(self) -> Comparison:
        """Return the comparison of all runs."""
        return self._comparison

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what a node would have logged."""
        return self._network.notices

    def run(self, count: int) -> float:
        """Run so often, with two images in turn, or for 5 s; return the median time in ms."""
        times: list[float] = []
        deadline = time.monotonic() + _MAX_S
        while len(times) < count and (not times or time.monotonic() < deadline):
            number = self._runs % 2
            begin = time.perf_counter()
            (found,) = self._network.infer([self._images[number]], [_FRAMING])
            times.append(1e3 * (time.perf_counter() - begin))
            self._comparison.add(found, self._expected, number)
            self._runs += 1
        return round(statistics.median(times), 3)

    def figures(self) -> Result:
        """Return the comparison and the notices of all runs."""
        return {**self._comparison.figures(), 'notices': list(self.notices)}
