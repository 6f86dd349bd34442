"""Root candidates of the multi-person decoder: the parts from which a person can be decoded."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.posenet.decoding.part_grid import Indices


def find_root_candidates(
    heatmap_scores: NDArray[np.float32], score_threshold: float
) -> tuple[Indices, Indices]:
    """
    Return the parts and the cells of all root candidates, each [K], in descending order of score.

    `heatmap_scores` is float32 [17, H, W]. A candidate scores at least the threshold, and none of
    its eight neighbours (PersonLab's local maximum radius of 1) scores higher; every cell of a
    plateau is a candidate. Equal scores are in the order of part, row, column.
    """
    is_candidate = heatmap_scores >= score_threshold
    is_candidate &= heatmap_scores >= _maxima_around(heatmap_scores)
    (sites,) = is_candidate.reshape(-1).nonzero()
    order = (-heatmap_scores.reshape(-1).take(sites)).argsort(kind='stable')
    parts, cells = np.divmod(sites.take(order), is_candidate[0].size)
    return parts, cells


def _maxima_around(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the highest score among each cell and its neighbours, float32 [17, H, W]."""
    parts, rows, columns = scores.shape
    padded = np.empty((parts, rows + 2, columns + 2), np.float32)
    padded.fill(-np.inf)
    padded[:, 1:-1, 1:-1] = scores
    # In the flattened array, neighbours are one cell or one row apart. NumPy processes it at once,
    # and not row by row, which takes several times as long.
    row = columns + 2
    maxima = np.empty_like(padded)
    inner = slice(row + 1, -row - 1)
    maxima.reshape(-1)[inner] = _maxima_of_three(_maxima_of_three(padded.reshape(-1), 1), row)
    return maxima[:, 1:-1, 1:-1]


def _maxima_of_three(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Return the maximum of each value and those `step` before and after it."""
    span = 2 * step
    before, middle, after = values[:-span], values[step:-step], values[span:]
    maxima: NDArray[np.float32] = np.maximum(before, middle)
    return np.maximum(maxima, after, out=maxima)
