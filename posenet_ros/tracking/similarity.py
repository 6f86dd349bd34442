"""
How similar two poses are: object keypoint similarity.

The similarity is the mean over the keypoints that are visible in both poses of

    exp(-d^2 / (2 (2 k s)^2))

with the distance d of the two keypoints in pixels, the size s of the smaller person in pixels, and
a constant k of each part: the standard deviation of what human annotators of COCO mark, as a share
of the size. An ear is marked more precisely than a hip. The COCO keypoint challenge uses the
similarity, too, with the size of the true person. Here, it is that of the smaller one, so that a
small person inside the outline of a large one is not taken for that person.

Source: cocodataset.org, "Keypoint Evaluation"; the tracker of tfjs pose-detection uses the same
constants. It compares positions normalised by the width and the height of the image, so that in
images that are not square, one axis counts more. Here, all lengths are in pixels.

The arithmetic is in float32, which holds pixels to a thousandth: exp is several times faster.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.tracking.people import People

# -2 (2 k)^2 from COCO's constants k, in the order of PART_NAMES.
_FALLOFFS = -8 * np.array([
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062,
    0.107, 0.107, 0.087, 0.087, 0.089, 0.089,
], np.float32) ** 2  # fmt: skip
# Poses with fewer common keypoints are not compared, as in tfjs pose-detection.
_MIN_COMMON = 4


def similarities(
    poses: People,
    tracks: People,
    *,
    pose_sizes: NDArray[np.float64],
    track_sizes: NDArray[np.float64],
    uncertainties: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Return the similarity of each pose to each track, float64 [poses, tracks], 0 to 1.

    Sizes are in pixels, float64 [poses] and [tracks]. `uncertainties`, float64 [tracks, 2], say
    how far each track may be off as a whole in x and y, in pixels; they widen the exponential.
    Poses with fewer than 4 common keypoints have similarity 0.
    """
    sizes = np.minimum(pose_sizes[:, np.newaxis], track_sizes).astype(np.float32)
    widths = (sizes * sizes)[:, :, np.newaxis] * _FALLOFFS
    extra = (2 * uncertainties * uncertainties).astype(np.float32)[:, np.newaxis]
    # [2, people, 17]
    ours, theirs = (
        one.keypoints.transpose(2, 0, 1).astype(np.float32, order='C') for one in (poses, tracks)
    )
    exponents = np.zeros_like(widths)
    for axis in (0, 1):
        offsets = ours[axis][:, np.newaxis] - theirs[axis]
        offsets *= offsets
        offsets /= widths - extra[:, :, axis]
        exponents += offsets
    seen, known = poses.visible.astype(np.float32), tracks.visible.astype(np.float32)
    counts = seen @ known.T
    terms = np.exp(exponents, out=exponents)
    terms *= known
    sums = (terms @ seen[:, :, np.newaxis])[:, :, 0]
    sums[counts < _MIN_COMMON] = 0.0
    return np.asarray(sums / np.maximum(counts, 1.0), np.float64)
