"""
Which pose belongs to which track: a greedy assignment.

The pair with the highest rank is taken first, then the highest of the remaining ones, and so on.
An optimal assignment, such as the Hungarian algorithm's, would need SciPy for a few dozen pairs,
and was not better where both were measured (docs/tracking.md).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from posenet_ros.tracking.similarity import WEAK
from posenet_ros.tracking.tracks import Track

# Somebody who was found in the previous image is nearly where predicted. A pose that is less
# similar than this is rather that of somebody who was lost nearby.
_DOUBTFUL = 0.45


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


def find_candidates(
    similar: Sequence[Sequence[float]],
    scores: Sequence[float],
    second: Collection[int],
    tracks: Sequence[Track],
    *,
    minimum: float,
) -> Iterator[tuple[float, int, int]]:
    """
    Return the pairs of poses and tracks that may belong together, for `assign`.

    `similar` has a row for each pose, with the similarities to the tracks. `scores` are those of
    the poses, and `second` are the indices of second poses, which belong to nobody.
    """
    for row, values in enumerate(similar):
        if row in second:
            continue
        strong = scores[row] >= WEAK
        for column in [column for column, value in enumerate(values) if value >= minimum]:
            track, value = tracks[column], values[column]
            known = track.number > 0
            doubtful = value < _DOUBTFUL and not track.missed
            yield value + 4 * strong + 2 * known - doubtful, row, column
