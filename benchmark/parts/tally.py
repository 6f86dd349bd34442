"""
Add up the slices of one measurement.

Input: the stamps that the feeder published and the records that a listener wrote. Output: latency,
rate, share of images received, and the node's use of CPU and memory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from parts.timing import summarize
from programs.records import Records


@dataclass
class Tally:
    """The sums over all slices so far; latencies are in ms, counts are by camera."""

    latencies: list[float] = field(default_factory=list)
    published: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    seconds: float = 0.0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    images: int = 0
    resident_mb: float = 0.0

    def add(
        self, stamps: Sequence[Sequence[int]], records: Records, *, seconds: float, skip: float
    ) -> None:
        """
        Add a slice: the published stamps by camera, in ns, and the records [n, 3] of that slice.

        Latency and rates exclude the first `skip` seconds, in which idle processes wake up.
        """
        first = min(stamp for camera in stamps for stamp in camera) + int(skip * 1e9)
        counted = [[stamp for stamp in camera if stamp >= first] for camera in stamps]
        received = [_select(records, number, wanted) for number, wanted in enumerate(counted)]
        self.published = _add_counts(self.published, map(len, counted))
        self.received = _add_counts(self.received, map(len, received))
        self.seconds += seconds - skip
        self.wall_seconds += seconds
        self.images += len(records)
        for camera in received:
            self.latencies += ((camera[:, 2] - camera[:, 1]) / 1e6).tolist()

    def figures(self) -> dict[str, Any]:
        """Return latency in ms, rates in Hz, and the share of published images received."""
        received, published = sum(self.received), sum(self.published)
        return {
            'latency': summarize(self.latencies),
            'published': published,
            'received': received,
            'share': round(received / published, 4) if published else 0.0,
            'rate': round(received / self.seconds, 2),
            'rate_by_camera': [round(count / self.seconds, 2) for count in self.received],
        }

    def costs(self) -> dict[str, Any]:
        """Return CPU time in ms per processed image and in % of one core, and memory in MB."""
        return {
            'cpu_ms_per_image': round(1e3 * self.cpu_seconds / max(1, self.images), 3),
            'cpu_percent': round(100 * self.cpu_seconds / self.wall_seconds, 1),
            'resident_mb': round(self.resident_mb, 1),
        }


def _select(records: Records, camera: int, stamps: Sequence[int]) -> Records:
    """Return the records of a camera's images with these stamps."""
    selected: Records = records[(records[:, 0] == camera) & np.isin(records[:, 1], stamps)]
    return selected


def _add_counts(counts: Sequence[int], more: Iterable[int]) -> list[int]:
    added = list(more)
    return [one + other for one, other in zip(counts or [0] * len(added), added, strict=True)]
