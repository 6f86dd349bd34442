"""
How similar two poses are: object keypoint similarity.

The similarity is the mean over the keypoints that are visible in both poses of

    exp(-d^2 / (2 (2 k s)^2))

with the distance d of the two keypoints in pixels, the person's size s in pixels, and a constant k
of each part: the standard deviation of what human annotators of COCO mark, as a share of the size.
An ear is marked more precisely than a hip. It is the measure of the COCO keypoint challenge.

Source: cocodataset.org, "Keypoint Evaluation"; the tracker of tfjs pose-detection uses the same
constants. It compares positions normalised by the width and the height of the image, so that in
images that are not square, one axis counts more. Here, all lengths are in pixels.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.tracking.people import People

# COCO's constants in the order of PART_NAMES.
_FALLOFFS = np.array([
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062,
    0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
])  # fmt: skip
# Poses with fewer common keypoints are not compared, as in tfjs pose-detection.
_MIN_COMMON = 4


def similarities(
    poses: People,
    tracks: People,
    sizes: NDArray[np.float64],
    *,
    uncertainties: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Return the similarity of each pose to each track, float64 [poses, tracks], 0 to 1.

    `sizes` are those of the tracks in pixels, float64 [tracks]. `uncertainties`, float64 [tracks],
    say how far each track may be off as a whole, in pixels; they widen the exponential. Poses
    with fewer than 4 common keypoints have similarity 0.
    """
    common = poses.visible[:, np.newaxis] & tracks.visible
    offsets = poses.keypoints[:, np.newaxis] - tracks.keypoints
    squares = np.einsum('ptkc,ptkc->ptk', offsets, offsets)
    widths = (2 * _FALLOFFS * sizes[:, np.newaxis]) ** 2 + uncertainties[:, np.newaxis] ** 2
    terms = np.exp(squares / (-2 * widths)) * common
    counts = common.sum(axis=2)
    return np.where(counts >= _MIN_COMMON, terms.sum(axis=2) / np.maximum(counts, 1), 0.0)
