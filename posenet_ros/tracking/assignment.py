"""
Which pose belongs to which track: a greedy assignment.

The pair with the highest rank is taken first, then the highest of the remaining ones, and so on.
An optimal assignment, such as the Hungarian algorithm's, would need SciPy for a few dozen pairs,
and was not better where both were measured (docs/tracking.md).
"""

from collections.abc import Iterable


def assign(candidates: Iterable[tuple[float, int, int]]) -> dict[int, int]:
    """
    Return the columns of the assigned pairs by their rows, each row and column at most once.

    `candidates` are (rank, row, column). Of equal ranks, the lower row counts first, then the
    lower column, so that the result is the same in every run.
    """
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, row, column in sorted((-rank, row, column) for rank, row, column in candidates):
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return pairs
