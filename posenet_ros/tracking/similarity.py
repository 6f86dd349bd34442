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

# -2 (2 k)^2
_EXPONENTS = -8 * np.array(FALLOFFS, np.float32) ** 2
# Poses with fewer common keypoints are not compared, as in tfjs pose-detection.
_MIN_COMMON = 4


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
    widths = smaller[:, :, np.newaxis] * _EXPONENTS
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
    sums *= counts >= _MIN_COMMON
    sums /= np.maximum(counts, 1.0)
    values: list[list[float]] = sums.tolist()
    return values
