"""Root candidates of the multi-person decoder: where a person may be found first."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.decoding.part_grid import Indices

# A candidate is the maximum of the 3 x 3 cells round it (PersonLab's local maximum radius of 1).
_NEIGHBOUR_ROWS, _NEIGHBOUR_COLUMNS = np.indices((3, 3)).reshape(2, 9, 1) - 1


def find_root_candidates(
    heatmap_scores: NDArray[np.float32], score_threshold: float
) -> tuple[Indices, Indices]:
    """
    Return the parts and the cells of all root candidates, each [K], in falling order of score.

    `heatmap_scores` is float32 [17, H, W]. A candidate scores at least the threshold, and no
    cell among its eight neighbours scores more; the cells of a plateau are candidates, each.
    Equal scores stand in the order of part, row, column.
    """
    _, rows, columns = heatmap_scores.shape
    parts, row, column = np.nonzero(heatmap_scores >= score_threshold)
    scores = heatmap_scores[parts, row, column]
    # A neighbour beyond the border is replaced by the border's own cell, which is a neighbour.
    near_rows = np.clip(row + _NEIGHBOUR_ROWS, 0, rows - 1)
    near_columns = np.clip(column + _NEIGHBOUR_COLUMNS, 0, columns - 1)
    maxima = np.flatnonzero(heatmap_scores[parts, near_rows, near_columns].max(axis=0) <= scores)
    order = maxima[np.argsort(-scores[maxima], kind='stable')]
    return parts[order], row[order] * columns + column[order]
