"""The position of every part as predicted by every cell of the heads."""

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.posenet.heads import Heads

# As text, because NumPy 1.21 (Humble) does not support the subscript at run time.
Indices: TypeAlias = 'NDArray[np.signedinteger[Any]]'
Points = NDArray[np.float64]


class PartGrid:
    """
    The heatmap scores and positions of all parts, arranged for look-ups by index.

    Cells are numbered row by row. A *site* is a part at a cell, as one number: part * number of
    cells + cell. A single `take` then looks up any number of candidates. Points are float64
    [2, N], y first, in pixels of the network input.
    """

    def __init__(self, heads: Heads) -> None:
        """Arrange the heads."""
        rows, columns = heads.grid
        self.num_cells = rows * columns
        #: float32 [sites]: the heatmap score.
        self.scores = heads.heatmap_scores.reshape(-1)
        #: Points [2, sites]: cell * output_stride + offset.
        self.positions = _positions(heads)
        self._columns = columns
        self._output_stride = heads.output_stride
        self._last = np.array([[rows - 1], [columns - 1]], np.float64)

    def sites(self, parts: Indices, cells: Indices) -> Indices:
        """Return the sites of parts at cells."""
        return parts * self.num_cells + cells

    def nearest_cells(self, points: Points) -> Indices:
        """
        Return the cell nearest to each point [2, N]; ties go down and to the right.

        For points outside the network input, this is the nearest cell at its border.
        """
        grid_points = points * (1 / self._output_stride)
        grid_points += 0.5
        np.maximum(grid_points, 0, out=grid_points)
        np.minimum(grid_points, self._last, out=grid_points)
        cells: Indices
        cells, columns = grid_points.astype(np.intp)
        cells *= self._columns
        cells += columns
        return cells


def _positions(heads: Heads) -> Points:
    positions = heads.offsets.reshape(2, NUM_PARTS, -1).astype(np.float64)
    positions += _cells(*heads.grid, heads.output_stride)
    return positions.reshape(2, -1)


@lru_cache(maxsize=8)
def _cells(rows: int, columns: int, output_stride: int) -> Points:
    """Return the positions of all cells, float64 [2, 1, cells]; not to be changed."""
    cells = np.indices((rows, columns), np.float64).reshape(2, 1, -1) * output_stride
    cells.flags.writeable = False
    return cells
