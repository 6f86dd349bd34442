"""
How people move: each with a velocity of the whole body.

Limbs move to and fro, and the velocity of a single keypoint is mostly noise. So a track has one
velocity, that of the body: each time the person is found, the median of the distances between the
visible keypoints and their predicted positions corrects it. In the gap until then, the velocity is
taken as constant.

The gain of the correction depends on the gap, so that the result does not depend on the rate of
images: 1 - exp(-gap / T). A new track knows nothing, so its first gains are 1/2, 1/3, ...
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.tracking.people import People

# T in seconds: chosen on the made sequences (docs/tracking.md).
_TIME_CONSTANT = 0.3
# A velocity that was measured before a person was lost holds for about this many seconds.
_HOLDS = 0.7
# How fast a person's position becomes unknown while the person is lost, in each axis: sizes per
# second, and a share of the velocity. Whoever walks may stop or turn while hidden. Whoever stands
# mostly stays, and nobody who walked across the image is expected to have moved up or down.
_DRIFT = 0.05
_TURN = 0.7
# For the places of the two values in the middle of a sorted row.
_LOWER_AND_UPPER = np.array([[1], [0]])


def displacements(
    velocities: NDArray[np.float64], gaps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far people with velocities [2, n] in px/s move in n gaps in seconds, in px."""
    return np.asarray(velocities * (np.expm1(gaps / -_HOLDS) * -_HOLDS))


def uncertainties(
    sizes: NDArray[np.float64], velocities: NDArray[np.float64], gaps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Return how far predictions over n gaps in seconds may be off in x and y, float64 [2, n], in px.

    `sizes`, [n], are those of the people in pixels, `velocities`, [2, n], in px/s.
    """
    return np.asarray((_DRIFT * sizes + _TURN * np.abs(velocities)) * gaps)


def residuals(found: People, predicted: People) -> NDArray[np.float64]:
    """
    Return how far people are from where they were predicted, float64 [2, n], in pixels.

    It is the median over the keypoints that are visible in both; all are if there are none.
    """
    common = found.visible & predicted.visible
    counts = np.add.reduce(common, axis=1)
    if 0 in counts.tolist():
        common[counts == 0] = True
        counts[counts == 0] = NUM_PARTS
    offsets = found.keypoints - predicted.keypoints
    np.copyto(offsets, np.inf, where=~common)
    offsets.sort(axis=2)
    # The two in the middle of each row, which are the same one if the count is odd, by their
    # places in the flat rows.
    middle = (counts - _LOWER_AND_UPPER) >> 1
    middle += np.arange(0, common.size, NUM_PARTS)
    lower_and_upper = offsets.reshape(2, -1).take(middle, axis=1)
    return np.asarray(np.add.reduce(lower_and_upper, axis=1) * 0.5)


def gains(gaps: NDArray[np.float64], sightings: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the gains, float64 [n], after n gaps in seconds; `sightings` counts those before."""
    return np.asarray(np.maximum(-np.expm1(gaps / -_TIME_CONSTANT), 1 / (sightings + 1)))


def corrected(
    velocities: NDArray[np.float64],
    residuals: NDArray[np.float64],
    *,
    gaps: NDArray[np.float64],
    gains: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Return velocities, float64 [2, n], in px/s, after people were found off their predictions.

    Where the gap is 0, nothing changes.
    """
    rates = np.divide(gains, gaps, out=np.zeros(len(gaps)), where=gaps > 0)
    return np.asarray(velocities + residuals * rates)
