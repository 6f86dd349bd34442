"""How many images of a camera had depth, and why the others had none."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
import threading

from posenet_ros.ros.pipeline.spatial.depth_buffer import Miss


@dataclass(frozen=True)
class DepthCounts:
    """Totals since the node was configured."""

    #: Images with a depth image that could be used.
    paired: int = 0
    #: Images without, by the reason in a few words.
    missed: Mapping[str, int] = field(default_factory=dict)
    #: Why the last of these had no depth, in a sentence; None if there was none.
    last_miss: str | None = None

    @property
    def all_missed(self) -> int:
        """Return the number of images without depth."""
        return sum(self.missed.values())


class DepthStatistics:
    """Counts images with and without depth; every method may be called from any thread."""

    def __init__(self) -> None:
        """Start with no images."""
        self._lock = threading.Lock()
        self._paired = 0
        self._missed: Counter[str] = Counter()
        self._last_miss: str | None = None

    def count(self, miss: Miss | None) -> None:
        """Count an image with depth, or without and why."""
        with self._lock:
            if miss is None:
                self._paired += 1
                return
            self._missed[miss.reason] += 1
            self._last_miss = miss.detail

    def counts(self) -> DepthCounts:
        """Return the counts so far."""
        with self._lock:
            return DepthCounts(self._paired, dict(self._missed), self._last_miss)
