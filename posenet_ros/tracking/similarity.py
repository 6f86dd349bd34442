"""
How similar two poses are: object keypoint similarity.

The similarity is the mean over the keypoints that are visible in both poses of

    exp(-d^2 / (2 (2 k s)^2))

with the distance d of the two keypoints in pixels, the size s of the smaller person in pixels, and
COCO's constant k of each part (`keypoints.py`). The COCO keypoint challenge uses the
similarity, too, with the size of the true person. Here, it is that of the smaller one, so that a
small person inside the outline of a large one is not taken for that person.

Source: cocodataset.org, "Keypoint Evaluation"; the tracker of tfjs pose-detection uses the same
constants. It compares positions normalised by the width and the height of the image, so that in
images that are not square, one axis counts more. Here, all lengths are in pixels.

The arithmetic is in float32, which holds pixels to a thousandth: exp is several times faster.
"""

from collections.abc import Sequence

import numpy as np

from posenet_ros.keypoints import FALLOFFS
from posenet_ros.tracking.motion import Vector
from posenet_ros.tracking.people import People

#: -2 (2 k)^2, float32 [17].
EXPONENTS = -8 * np.array(FALLOFFS, np.float32) ** 2
#: Poses with fewer common keypoints are not compared, as in tfjs pose-detection.
MIN_COMMON = 4
#: Poses with a lower score do not start tracks. It is the default of min_pose_score, so
#: it matters only with a lower one.
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
# Less similar poses share no keypoints: one of 17 at the same place.
_APART = 0.06


def similarities(
    people: People,
    count: int,
    *,
    sizes: Sequence[float],
    uncertainties: Sequence[Vector],
) -> list[list[float]]:
    """
    Return the similarity, 0 to 1, of each of the first `count` people to all n.

    The n `sizes` are in pixels. The n `uncertainties` say how far each of the others may be off as
    a whole in x and y, in pixels; they widen the exponential. People with fewer than 4 common
    keypoints have similarity 0.
    """
    areas = np.array([size * size for size in sizes], np.float32)
    smaller = np.minimum(areas[:count, np.newaxis], areas)
    widths = smaller[:, :, np.newaxis] * EXPONENTS
    extra = np.array(
        [[-2 * x * x for x, _ in uncertainties], [-2 * y * y for _, y in uncertainties]],
        np.float32,
    )
    points = people.keypoints.astype(np.float32)
    # x and y, each [count, n, 17]
    squares = points[:, :count, np.newaxis] - points[:, np.newaxis]
    squares *= squares
    squares /= widths + extra[:, np.newaxis, :, np.newaxis]
    terms = squares[0] + squares[1]
    np.exp(terms, out=terms)
    visible = people.visible.astype(np.float32)
    terms *= visible
    sums = (terms @ visible[:count, :, np.newaxis])[:, :, 0]
    counts = visible[:count] @ visible.T
    sums *= counts >= MIN_COMMON
    sums /= np.maximum(counts, 1.0)
    values: list[list[float]] = sums.tolist()
    return values


def second_poses(similar: Sequence[list[float]], scores: Sequence[float]) -> set[int]:
    """
    Return the indices of the poses that are second poses of a person with a higher score.

    `similar` are n rows of similarities of which the first n are those to the other poses.
    """
    second = set()
    count = len(scores)
    for row, (score, values) in enumerate(zip(scores, similar, strict=True)):
        following = row + 1
        others = values[:row] + values[following:count]
        if max(others, default=0.0) <= _SAME_IF_WEAK:
            # Most poses: this is faster than to compare the scores, too.
            continue
        limit = _SAME_IF_WEAK if score < WEAK else _SAME
        if any(score < scores[index] and values[index] > limit for index in range(count)):
            second.add(row)
    return second


def overlap(similar: Sequence[Sequence[float]]) -> bool:
    """
    Return whether any two poses may share keypoints.

    `similar` are n rows of similarities of which the first n are those to the other poses.
    """
    count = len(similar)
    return any(
        value >= _APART for row, values in enumerate(similar, 1) for value in values[row:count]
    )


def without_shared(people: People, sizes: Sequence[float], scores: Sequence[float]) -> People:
    """
    Return n poses in which keypoints that belong to a pose with a higher score are not visible.

    `sizes` are in pixels.
    """
    areas = np.array(sizes) ** 2
    points = people.keypoints
    squares = ((points[:, :, np.newaxis] - points[:, np.newaxis]) ** 2).sum(axis=0)
    limits = np.log(_SHARED) * EXPONENTS
    close = squares < np.minimum(areas[:, np.newaxis], areas)[:, :, np.newaxis] * limits
    worse = np.less.outer(scores, scores)[:, :, np.newaxis]
    shared = (close & worse & people.visible).any(axis=1)
    return People(points, people.visible & ~shared)
