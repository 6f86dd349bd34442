"""Heads constructed for people whose keypoints are known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_EDGES, NUM_PARTS, TREE_EDGES
from posenet_ros.posenet.heads import CHANNELS, Heads

STRIDE = 16


def arrays(rows: int = 3, columns: int = 4) -> dict[str, Any]:
    """Return all heads, filled with zeros."""
    return {
        name: np.zeros((channels, rows, columns), np.float32)
        for name, channels in CHANNELS.items()
    }


def standing_person(x: float, y: float, size: float = 100.0) -> NDArray[np.float64]:
    """Return the keypoints (x, y) [17, 2] of a person of a height, with the nose at (x, y)."""
    side = np.array([0, *[1, -1] * 8]) * size
    # Nose; then, left and right each: eye, ear, shoulder, elbow, wrist, hip, knee, ankle.
    across = np.array([0, *np.repeat([0.05, 0.1, 0.2, 0.3, 0.3, 0.1, 0.1, 0.1], 2)])
    down = np.array([0, *np.repeat([-0.05, 0, 0.2, 0.4, 0.5, 0.5, 0.75, 1.0], 2)])
    return np.stack([x + across * side, y + down * size], axis=1)


def heads_of(
    people: Sequence[NDArray[np.float64]],
    *,
    scores: Sequence[float] | None = None,
    rows: int = 17,
    columns: int = 17,
) -> Heads:
    """
    Return heads in which exactly these people, with keypoints (x, y) [17, 2], are found.

    The score of each part is in the nearest cell. There and in the cells around it, offsets point
    to the part and displacements to its neighbours in the tree. Later people overwrite earlier
    ones.
    """
    made = arrays(rows, columns)
    for person, score in zip(people, scores or [0.9] * len(people), strict=True):
        cells = nearest_cells(person, rows, columns)
        for part, (row, column) in enumerate(cells):
            made['heatmap_scores'][part, row, column] = score
            for near_row, near_column in _around(row, column, rows, columns):
                x, y = person[part]
                made['offsets'][part, near_row, near_column] = y - STRIDE * near_row
                made['offsets'][NUM_PARTS + part, near_row, near_column] = x - STRIDE * near_column
        for edge, (parent, child) in enumerate(TREE_EDGES):
            x, y = person[child] - person[parent]
            _set(made['displacements_fwd'], edge, cells[parent], x, y)
            _set(made['displacements_bwd'], edge, cells[child], -x, -y)
    return Heads(**made, output_stride=STRIDE)


def nearest_cells(keypoints: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.intp]:
    """Return the (row, column) [17, 2] of the cells nearest to keypoints (x, y)."""
    cells = np.floor(keypoints[:, ::-1] / STRIDE + 0.5).astype(np.intp)
    return cells.clip(0, [rows - 1, columns - 1])


def _around(row: int, column: int, rows: int, columns: int) -> list[tuple[int, int]]:
    return [
        (near_row, near_column)
        for near_row in range(max(row - 1, 0), min(row + 2, rows))
        for near_column in range(max(column - 1, 0), min(column + 2, columns))
    ]


def _set(field: Any, edge: int, cell: NDArray[np.intp], x: float, y: float) -> None:
    row, column = cell
    field[edge, row, column] = y
    field[NUM_EDGES + edge, row, column] = x
