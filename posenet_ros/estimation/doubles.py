"""Suppression of doubles: poses of a person who was found more than once."""

from collections.abc import Sequence

# Poses that are more similar are one person. From 0.4 to 0.7, the average precision on COCO's
# odd-numbered pictures is the same.
_MAX_SIMILARITY = 0.5


def without_doubles(
    scores: Sequence[float], similarities: Sequence[Sequence[float]], *, max_people: int
) -> list[int]:
    """
    Return the indices of the poses that are not similar to one with a higher score.

    They are in descending order of score, and at most `max_people`. Equal scores stay in order.
    `similarities` [N][N] has a row for each of the N poses.
    """
    kept: list[int] = []
    for index in sorted(range(len(scores)), key=lambda one: -scores[one]):
        if len(kept) == max_people:
            break
        if all(similarities[better][index] <= _MAX_SIMILARITY for better in kept):
            kept.append(index)
    return kept
