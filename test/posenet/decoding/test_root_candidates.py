import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.posenet.decoding.root_candidates import find_root_candidates


def scores(*cells: tuple[int, int, int, float], rows: int = 5) -> NDArray[np.float32]:
    """Return heatmap scores, float32 [17, rows, 6], that are 0 but for (part, row, column)."""
    made = np.zeros((17, rows, 6), np.float32)
    for part, row, column, score in cells:
        made[part, row, column] = score
    return made


def found(heatmap: NDArray[np.float32], threshold: float = 0.5) -> list[tuple[int, int]]:
    parts, cells = find_root_candidates(heatmap, threshold)
    return list(zip(parts.tolist(), cells.tolist(), strict=True))


def test_cells_are_numbered_row_by_row() -> None:
    assert found(scores((3, 2, 4, 0.9))) == [(3, 2 * 6 + 4)]


def test_higher_scores_come_first() -> None:
    heatmap = scores((3, 0, 0, 0.6), (1, 4, 5, 0.7), (9, 2, 2, 0.8))
    assert [part for part, _ in found(heatmap)] == [9, 1, 3]


def test_equal_scores_are_in_the_order_of_part_and_cell() -> None:
    heatmap = scores((5, 0, 0, 0.8), (2, 4, 0, 0.8), (2, 2, 5, 0.8), (2, 2, 2, 0.8))
    assert found(heatmap) == [(2, 14), (2, 17), (2, 24), (5, 0)]


@pytest.mark.parametrize(('threshold', 'count'), [(0.5, 1), (0.51, 0)])
def test_a_candidate_scores_at_least_the_threshold(threshold: float, count: int) -> None:
    assert len(found(scores((0, 1, 1, 0.5)), threshold)) == count


@pytest.mark.parametrize('step', [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 1)])
def test_a_cell_beside_a_higher_score_is_not_a_candidate(step: tuple[int, int]) -> None:
    row, column = 2 + step[0], 3 + step[1]
    assert found(scores((0, 2, 3, 0.9), (0, row, column, 0.8))) == [(0, 2 * 6 + 3)]


def test_a_cell_two_away_from_a_higher_score_is_a_candidate() -> None:
    assert found(scores((0, 2, 1, 0.9), (0, 2, 3, 0.8))) == [(0, 13), (0, 15)]


def test_other_parts_do_not_compete() -> None:
    assert len(found(scores((0, 2, 2, 0.9), (1, 2, 3, 0.8)))) == 2


def test_every_cell_of_a_plateau_is_a_candidate() -> None:
    assert found(scores((0, 2, 2, 0.8), (0, 2, 3, 0.8))) == [(0, 14), (0, 15)]


def test_cells_at_both_ends_of_a_row_do_not_compete() -> None:
    assert found(scores((0, 1, 5, 0.9), (0, 2, 0, 0.8))) == [(0, 11), (0, 12)]


def test_a_grid_of_one_row_has_candidates() -> None:
    assert found(scores((0, 0, 2, 0.8), rows=1)) == [(0, 2)]
