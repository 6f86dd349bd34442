"""
The multi-person decoder as in the paper: one candidate at a time, in plain Python.

It is slow but simple. Tests compare the package's decoder with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_EDGES, NUM_PARTS, TREE_EDGES
from posenet_ros.posenet.heads import Heads

Point = tuple[float, float]


@dataclass
class Found:
    """A pose: its score, and the point (y, x) of each part in pixels of the network input."""

    score: float
    points: list[Point]


class SequentialDecoder:
    """Decodes the heads of one image."""

    def __init__(self, heads: Heads, radius: float) -> None:
        """Decode these heads with an NMS radius in pixels of the network input."""
        self._heads = heads
        self._radius = radius
        self._found: list[Found] = []

    def decode(self, limit: int, threshold: float) -> list[Found]:
        """Return up to `limit` poses."""
        for score, part, cell in self._queue(threshold):
            if len(self._found) == limit:
                break
            if not self._overlaps(self._offset_point(part, cell), part):
                self._found.append(self._pose(part, cell, score))
        return self._found

    def _queue(self, threshold: float) -> list[tuple[float, int, tuple[int, int]]]:
        rows, columns = self._heads.grid
        candidates = []
        for part in range(NUM_PARTS):
            scores = self._heads.heatmap_scores[part]
            for row in range(rows):
                for column in range(columns):
                    above, left = max(row - 1, 0), max(column - 1, 0)
                    near = scores[above:][: row + 2 - above][:, left:][:, : column + 2 - left]
                    if scores[row, column] >= max(np.float32(threshold), near.max()):
                        candidates.append((float(scores[row, column]), part, (row, column)))
        return sorted(candidates, key=lambda candidate: -candidate[0])

    def _pose(self, root: int, cell: tuple[int, int], root_score: float) -> Found:
        points = {root: self._offset_point(root, cell)}
        for edge in reversed(range(NUM_EDGES)):
            parent, child = TREE_EDGES[edge]
            if child in points and parent not in points:
                field = self._heads.displacements_bwd
                points[parent] = self._step(points[child], edge, parent, field)
        for edge in range(NUM_EDGES):
            parent, child = TREE_EDGES[edge]
            if parent in points and child not in points:
                field = self._heads.displacements_fwd
                points[child] = self._step(points[parent], edge, child, field)
        scores = {
            part: float(self._heads.heatmap_scores[part][self._cell(point)])
            for part, point in points.items()
        }
        scores[root] = root_score
        own = [scores[part] for part in points if not self._overlaps(points[part], part)]
        return Found(sum(own) / NUM_PARTS, [points[part] for part in range(NUM_PARTS)])

    def _step(self, source: Point, edge: int, target: int, field: NDArray[np.float32]) -> Point:
        cell = self._cell(source)
        point = (
            source[0] + float(field[edge][cell]),
            source[1] + float(field[NUM_EDGES + edge][cell]),
        )
        for _ in range(2):
            point = self._offset_point(target, self._cell(point))
        return point

    def _offset_point(self, part: int, cell: tuple[int, int]) -> Point:
        stride, offsets = self._heads.output_stride, self._heads.offsets
        return (
            cell[0] * stride + float(offsets[part][cell]),
            cell[1] * stride + float(offsets[NUM_PARTS + part][cell]),
        )

    def _cell(self, point: Sequence[float]) -> tuple[int, int]:
        rows, columns = self._heads.grid
        row, column = (float(np.floor(v / self._heads.output_stride + 0.5)) for v in point)
        return int(min(max(row, 0), rows - 1)), int(min(max(column, 0), columns - 1))

    def _overlaps(self, point: Point, part: int) -> bool:
        return any(
            (point[0] - pose.points[part][0]) ** 2 + (point[1] - pose.points[part][1]) ** 2
            <= self._radius**2
            for pose in self._found
        )
