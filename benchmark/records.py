"""What was published and what arrived, in figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listener import RECORD
import numpy as np
from numpy.typing import NDArray
from timing import summary

Records = NDArray[np.int64]


def read_records(path: Path, start: int = 0) -> Records:
    """Return the records that a listener has written whole, [n, 3], from the start-th on."""
    written = path.read_bytes() if path.exists() else b''
    whole = len(written) // RECORD.size * RECORD.size
    records: Records = np.frombuffer(written[:whole], np.int64).reshape(-1, 3)
    return records[start:]


@dataclass
class Tally:
    """Slices of one measurement, added up."""

    latencies: list[float] = field(default_factory=list)
    published: list[int] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    seconds: float = 0.0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    images: int = 0
    resident_mb: float = 0.0

    def add(
        self, stamps: Sequence[Sequence[int]], records: Records, *, seconds: float, skip: float
    ) -> None:
        """
        Add a slice: the stamps published by camera, and what arrived of them.

        The first `skip` seconds of the slice are left out: whatever idled has to come up.
        """
        first = min(stamp for camera in stamps for stamp in camera) + int(skip * 1e9)
        counted = [[stamp for stamp in camera if stamp >= first] for camera in stamps]
        arrived = [_of_camera(records, number, wanted) for number, wanted in enumerate(counted)]
        self.published = _plus(self.published, map(len, counted))
        self.answered = _plus(self.answered, map(len, arrived))
        self.seconds += seconds - skip
        self.wall_seconds += seconds
        self.images += len(records)
        for camera in arrived:
            self.latencies += ((camera[:, 2] - camera[:, 1]) / 1e6).tolist()

    def figures(self) -> dict[str, Any]:
        """Return latency in ms, rates in Hz, and the share of images that were answered."""
        answered, published = sum(self.answered), sum(self.published)
        return {
            'latency': summary(self.latencies),
            'published': published,
            'answered': answered,
            'share': round(answered / published, 4) if published else 0.0,
            'rate': round(answered / self.seconds, 2),
            'rate_by_camera': [round(count / self.seconds, 2) for count in self.answered],
        }

    def costs(self) -> dict[str, Any]:
        """Return CPU in ms for an answered image and in % of one core, and memory in MB."""
        return {
            'cpu_ms_per_image': round(1e3 * self.cpu_seconds / max(1, self.images), 3),
            'cpu_percent': round(100 * self.cpu_seconds / self.wall_seconds, 1),
            'resident_mb': round(self.resident_mb, 1),
        }


def _of_camera(records: Records, number: int, stamps: Sequence[int]) -> Records:
    """Return the records of a camera's images with these stamps."""
    of_camera: Records = records[(records[:, 0] == number) & np.isin(records[:, 1], stamps)]
    return of_camera


def _plus(counts: Sequence[int], more: Iterable[int]) -> list[int]:
    added = list(more)
    return [one + other for one, other in zip(counts or [0] * len(added), added, strict=True)]
