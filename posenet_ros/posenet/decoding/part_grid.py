"""The position of every part as predicted by every cell of the heads."""

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
    The heatmap scores and offsets of all parts, arranged for look-ups by index.

    Cells are numbered row by row. A *site* is a part at a cell, as one number: part * number of
    cells + cell. A single `take` then looks up any number of candidates. Points are float64
    [2, N], y first, in pixels of the network input.
    """

    def __init__(self, heads: Heads) -> None:
        """Arrange the heads."""
        self.num_cells = heads.grid[0] * heads.grid[1]
        #: float32 [sites]: the heatmap score.
        self.scores = heads.heatmap_scores.reshape(-1)
        self._rows, self._columns = heads.grid
        self._output_stride = heads.output_stride
        self._offsets = heads.offsets.reshape(2, -1)
        corners = np.indices(heads.grid).reshape(2, -1) * heads.output_stride
        self._corners = corners.astype(np.float64)
        self._last = np.array([[self._rows - 1], [self._columns - 1]], np.float64)

    def sites(self, parts: Indices, cells: Indices) -> Indices:
        """Return the sites of parts at cells."""
        return parts * self.num_cells + cells

    def positions(self, sites: Indices, cells: Indices) -> Points:
        """Return the positions cell * output_stride + offset of sites [N] in their cells."""
        positions: Points = self._corners.take(cells, axis=1)
        positions += self._offsets.take(sites, axis=1)
        return positions

    def nearest_cells(self, points: Points) -> Indices:
        """
        Return the cell nearest to each point [2, N]; ties go down and to the right.

        For points outside the network input, this is the nearest cell at its border.
        """
        grid_points = points * (1 / self._output_stride)
        grid_points += 0.5
        np.maximum(grid_points, 0, out=grid_points)
        np.minimum(grid_points, self._last, out=grid_points)
        rows, columns = grid_points.astype(np.intp)
        cells: Indices = rows * self._columns + columns
        return cells

    def nearest_cells_of_sites(self) -> NDArray[np.int32]:
        """
        Return the cell nearest to the position of each site, int32 [sites].

        Like nearest_cells for all sites at once, but in single precision to use less memory.
        """
        steps = self._offsets * np.float32(1 / self._output_stride)
        steps += np.float32(0.5)
        np.floor(steps, out=steps)
        rows, columns = steps.reshape(2, NUM_PARTS, self._rows, self._columns)
        rows += np.arange(self._rows, dtype=np.float32)[:, None]
        columns += np.arange(self._columns, dtype=np.float32)
        np.clip(rows, 0, self._rows - 1, out=rows)
        np.clip(columns, 0, self._columns - 1, out=columns)
        rows *= self._columns
        rows += columns
        return rows.reshape(-1).astype(np.int32)
