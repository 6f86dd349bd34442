"""
How similar two poses are: object keypoint similarity.

The similarity is the mean over the keypoints that are visible in both poses of

    exp(-d^2 / (2 (2 k s)^2))

with the distance d of the two keypoints in pixels, the size s of the smaller person in pixels, and
COCO's constant k of each part (`keypoints.py`). The COCO keypoint challenge uses the similarity,
too, with the size of the true person. Here, it is that of the smaller one, so that a small person
inside the outline of a large one is not taken for that person.

Source: cocodataset.org, "Keypoint Evaluation"; the tracker of tfjs pose-detection uses the same
constants. It compares positions normalised by the width and the height of the image, so that in
images that are not square, one axis counts more. Here, all lengths are in pixels.

The arithmetic is in float32, which holds pixels to a thousandth: exp is several times faster.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import FALLOFFS, NUM_PARTS
from posenet_ros.tracking.motion import Vector
from posenet_ros.tracking.people import People

#: -2 (2 k)^2, float32 [17].
EXPONENTS = -8 * np.array(FALLOFFS, np.float32) ** 2
#: Poses with fewer common keypoints are not compared, as in tfjs pose-detection.
MIN_COMMON = 4
#: Poses with a lower score do not start tracks. It is the default of min_pose_score, so it matters
#: only with a lower one.
WEAK = 0.15
# A pose that is more similar than this to a better pose of the same image is a second pose of the
# same person. Poses with a low score, which the decoder gives if most of the keypoints belong to
# another pose, are second poses already if they are less similar.
_SAME = 0.75
_SAME_IF_WEAK = 0.4
# A keypoint of a pose and the same one of a better pose are one keypoint if they are more similar
# than this. Where a person hides another, the network may find keypoints of the one in front for
# both.
_SHARED = 0.5
# Each shared keypoint adds at least this to the similarity of two poses. It is worth comparing the
# keypoints if any two poses are clearly more similar.
_APART = _SHARED / NUM_PARTS
_OVERLAP = 2 * _APART


@dataclass(frozen=True, eq=False)
class Similarities:
    """How similar some people are to n people, and each of their keypoints."""

    #: A row of n values, 0 to 1, for each of the people.
    values: list[list[float]]
    #: float32 [17, people, n]; 0 where a keypoint is not visible in the second pose. Sums over the
    #: first axis are the fastest.
    keypoints: NDArray[np.float32]
    #: float32 [17, n]: 1 for the visible keypoints of the n people, who begin with the others.
    visible: NDArray[np.float32]

    def with_visible(self, visible: NDArray[np.bool_]) -> list[list[float]]:
        """Return the values if only these keypoints of the people are visible, [people, 17]."""
        own = np.ascontiguousarray(visible.T, np.float32)
        values: list[list[float]] = _means(self.keypoints, own, self.visible).tolist()
        return values


def _means(
    terms: NDArray[np.float32], visible: NDArray[np.float32], others: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the means of terms [17, people, n] over the keypoints that are visible in both."""
    means: NDArray[np.float32] = np.add.reduce(terms * visible[:, :, np.newaxis])
    counts = visible.T @ others
    counts[counts < MIN_COMMON] = np.inf
    means /= counts
    return means


def similarities(
    people: People,
    count: int,
    *,
    sizes: Sequence[float],
    uncertainties: Sequence[Vector],
) -> Similarities:
    """
    Return how similar each of the first `count` people is to all n.

    The n `sizes` are in pixels. The n `uncertainties` say how far each of the others may be off as
    a whole in x and y, in pixels; they widen the exponential. People with fewer than 4 common
    keypoints have similarity 0.
    """
    spreads = np.array(
        [
            [size * size for size in sizes],
            [-2 * x * x for x, _ in uncertainties],
            [-2 * y * y for _, y in uncertainties],
        ],
        np.float32,
    )
    areas = spreads[0]
    smaller = np.minimum(areas[:count, np.newaxis], areas)
    # x and y of each keypoint, [2, 17, n]
    points = np.ascontiguousarray(people.keypoints.transpose(0, 2, 1), np.float32)
    visible = np.ascontiguousarray(people.visible.T, np.float32)
    # x and y of each keypoint, [2, 17, count, n]
    squares = points[:, :, :count, np.newaxis] - points[:, :, np.newaxis]
    squares *= squares
    squares /= smaller * EXPONENTS[:, np.newaxis, np.newaxis] + spreads[1:, np.newaxis, np.newaxis]
    terms = squares[0] + squares[1]
    np.exp(terms, out=terms)
    terms *= visible[:, np.newaxis]
    return Similarities(_means(terms, visible[:, :count], visible).tolist(), terms, visible)


def close_pairs(similar: Sequence[list[float]], scores: Sequence[float]) -> list[tuple[int, int]]:
    """
    Return the pairs of poses of an image that may share keypoints.

    The first index of each is that of the pose with the lower score. `similar` are n rows of
    similarities of which the first n are those to the other poses.
    """
    count = len(scores)
    nearest = [
        max(values[: following - 1] + values[following:count], default=0.0)
        for following, values in enumerate(similar, 1)
    ]
    if max(nearest, default=0.0) < _OVERLAP:
        return []
    return [
        (row, index)
        for row, value in enumerate(nearest)
        if value >= _APART
        for index, other in enumerate(scores)
        if similar[row][index] >= _APART and scores[row] < other
    ]


def second_poses(
    similar: Sequence[Sequence[float]], scores: Sequence[float], pairs: Iterable[tuple[int, int]]
) -> set[int]:
    """
    Return the indices of the poses that are second poses of a person with a higher score.

    `similar` are the similarities and `pairs` the close pairs of poses.
    """
    return {
        row
        for row, better in pairs
        if similar[row][better] > (_SAME_IF_WEAK if scores[row] < WEAK else _SAME)
    }


def shared_keypoints(
    people: People, similar: Similarities, pairs: Sequence[tuple[int, int]]
) -> dict[int, NDArray[np.bool_]]:
    """
    Return which visible keypoints of which poses belong to a better pose, by index: bool [17].

    `similar` are the similarities and `pairs` the close pairs of the poses.
    """
    found: dict[int, NDArray[np.bool_]] = {}
    for row, better in pairs:
        shared = (similar.keypoints[:, row, better] > _SHARED) & people.visible[row]
        if np.logical_or.reduce(shared):
            found[row] = shared | found[row] if row in found else shared
    return found
