"""
Which pose belongs to which track: a greedy assignment.

The pair with the highest rank is taken first, then the highest of the remaining ones, and so on.
An optimal assignment, such as the Hungarian algorithm's, would need SciPy for a few dozen pairs.
It differs only where several people are nearly equally similar to each other, and there it gives
a wrong pair to somebody who has a right one in order to find a partner for everybody.
"""

import numpy as np
from numpy.typing import NDArray


def assign(
    ranks: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """
    Return the rows and the columns of the assigned pairs, each row and column at most once.

    `ranks` and `allowed` are [rows, columns]. Of equal ranks, the lower row counts first, then the
    lower column, so that the result is the same in every run.
    """
    rows, columns = np.nonzero(allowed)
    order = np.argsort(-ranks[rows, columns], kind='stable')
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return np.array(list(pairs), np.intp), np.array(list(pairs.values()), np.intp)
