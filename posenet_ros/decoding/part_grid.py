"""Where every cell of the heads says that every part is."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.heads import Heads
from posenet_ros.keypoints import NUM_PARTS

Indices = NDArray[np.intp]


class PartGrid:
    """
    The heatmap scores and offsets of all parts, laid out for look-ups by index.

    A *site* is a part at a cell, as one number: part * number of cells + cell, where cells count
    row by row. Each array below has one column a site, so that one `take` serves any number of
    candidates at once. Points are float64 [2, ...], y first, in pixels of the network input.
    """

    #: float32 [sites]: the heatmap score.
    scores: NDArray[np.float32]
    #: float64 [2, sites]: the part's position, cell * output_stride + offset.
    positions: NDArray[np.float64]

    def __init__(self, heads: Heads) -> None:
        """Lay out the heads."""
        rows, columns = heads.grid
        self.num_cells = rows * columns
        self._columns = columns
        self._output_stride = heads.output_stride
        self._last_cell = np.array([[rows - 1], [columns - 1]], np.float64)
        self.scores = heads.heatmap_scores.reshape(-1)
        corners = np.indices((rows, columns)).reshape(2, 1, -1) * float(heads.output_stride)
        offsets = heads.offsets.reshape(2, NUM_PARTS, -1)
        self.positions = np.asarray((corners + offsets).reshape(2, -1), np.float64)

    def sites(self, parts: Indices, cells: Indices) -> Indices:
        """Return the sites of parts at cells."""
        return parts * self.num_cells + cells

    def nearest_cells(self, points: NDArray[np.float64]) -> Indices:
        """
        Return the cell nearest to each point [2, N]; halves go down and to the right.

        Points outside the input belong to the nearest cell at its border.
        """
        grid_points = points * (1 / self._output_stride) + 0.5
        np.maximum(grid_points, 0, out=grid_points)
        np.minimum(grid_points, self._last_cell, out=grid_points)
        rows, columns = grid_points.astype(np.intp)
        cells: Indices = rows * self._columns + columns
        return cells
