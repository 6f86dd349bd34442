from posenet_ros.tracking.assignment import assign


def pairs(ranks: list[list[float]], minimum: float = 0.1) -> dict[int, int]:
    """Assign a table of ranks."""
    candidates = [
        (rank, row, column)
        for row, ranks_of_row in enumerate(ranks)
        for column, rank in enumerate(ranks_of_row)
    ]
    return assign(candidate for candidate in candidates if candidate[0] >= minimum)


def test_the_highest_pair_comes_first() -> None:
    assert pairs([[0.5, 0.8], [0.3, 0.9]]) == {1: 1, 0: 0}


def test_a_row_and_a_column_are_used_once() -> None:
    assert pairs([[0.9, 0.8], [0.7, 0.0]]) == {0: 0}


def test_pairs_that_are_not_candidates_are_left_out() -> None:
    assert pairs([[0.05]]) == {}


def test_of_equal_pairs_the_first_counts() -> None:
    assert pairs([[0.5, 0.5], [0.5, 0.5]]) == {0: 0, 1: 1}


def test_without_candidates_there_are_no_pairs() -> None:
    assert assign([]) == {}
