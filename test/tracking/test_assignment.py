import numpy as np

from posenet_ros.tracking.assignment import assign


def pairs(ranks: list[list[float]], minimum: float = 0.1) -> dict[int, int]:
    values = np.array(ranks)
    rows, columns = assign(values, values >= minimum)
    return dict(zip(rows.tolist(), columns.tolist(), strict=True))


def test_the_highest_pair_comes_first() -> None:
    assert pairs([[0.5, 0.8], [0.3, 0.9]]) == {1: 1, 0: 0}


def test_a_row_and_a_column_are_used_once() -> None:
    assert pairs([[0.9, 0.8], [0.7, 0.0]]) == {0: 0}


def test_pairs_that_are_not_allowed_are_left_out() -> None:
    assert pairs([[0.05]]) == {}


def test_of_equal_pairs_the_first_counts() -> None:
    assert pairs([[0.5, 0.5], [0.5, 0.5]]) == {0: 0, 1: 1}


def test_without_rows_there_are_no_pairs() -> None:
    rows, columns = assign(np.zeros((0, 3)), np.zeros((0, 3), bool))
    assert rows.size == columns.size == 0
