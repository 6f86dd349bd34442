"""
How people move: each with a velocity of the whole body.

Limbs move to and fro, and the velocity of a single keypoint is mostly noise. So a track has one
velocity, that of the body: each time the person is found, the median of the distances between the
visible keypoints and their predicted positions corrects it. In the gap until then, the velocity is
taken as constant.

The gain of the correction depends on the gap, so that the result does not depend on the rate of
images: 1 - exp(-gap / T). A new track knows nothing, so its first gains are 1/2, 1/3, ...

What is one number for each person is a float: for up to 20 people, that is faster than arrays.
Conditional expressions are several times faster than max and min.
"""

from collections.abc import Sequence
import math

import numpy as np

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.tracking.people import People

#: x and y.
Vector = tuple[float, float]

# T in seconds: chosen on the made sequences (docs/tracking.md).
_TIME_CONSTANT = 0.3
# A velocity that was measured before a person was lost holds for about this many seconds.
_HOLDS = 0.7
# How fast a person's position becomes unknown while the person is lost, in each axis: sizes per
# second, and a multiple of the pace. Whoever walks may stop while hidden, which makes the
# prediction wrong by the pace, or turn, which makes it wrong by twice the pace. Whoever stands
# mostly stays, and nobody who walked across the image is expected to have moved up or down.
_DRIFT = 0.05
_TURN = 1.2
# Somebody who turns has a velocity of 0 for a moment, and is not about to stay. So the pace falls
# with this time constant in seconds after the velocity did.
_FADE = 1.0
# It does so for this many seconds. Whoever is hidden for longer is expected in the same area:
# otherwise, anybody anywhere would be taken for a walker who was lost for a few seconds.
_MAX_UNCERTAIN = 1.0


def displacement(velocity: Vector, gap: float) -> Vector:
    """Return how far somebody with a velocity in px/s moves in a gap in seconds, in pixels."""
    effective = _HOLDS * -math.expm1(-gap / _HOLDS)
    return velocity[0] * effective, velocity[1] * effective


def nearest_displacement(velocity: Vector, move: Vector, *, least: float, most: float) -> Vector:
    """
    Return how far somebody moves in `least` to `most` seconds, in pixels: the nearest to a move.

    The velocity in px/s stays the same, and so (x, y) is on a line. The `move` is in pixels.
    """
    x, y = velocity
    square = x * x + y * y
    seconds = (x * move[0] + y * move[1]) / square if square else 0.0
    seconds = min(max(seconds, least), most)
    return x * seconds, y * seconds


def uncertainty(size: float, pace: Vector, gap: float) -> Vector:
    """
    Return how far a prediction over a gap in seconds may be off in x and y, in pixels.

    `size` is that of the person in pixels, `pace` is in px/s. After a second, the result does not
    rise any more.
    """
    gap = gap if gap < _MAX_UNCERTAIN else _MAX_UNCERTAIN
    drift = _DRIFT * size
    return (drift + _TURN * pace[0]) * gap, (drift + _TURN * pace[1]) * gap


def slowed(pace: Vector, velocity: Vector, gap: float) -> Vector:
    """
    Return the pace, how fast somebody lately moved in x and y, in px/s.

    `pace` is that before a gap in seconds, `velocity` the one after it.
    """
    fade = math.exp(-gap / _FADE)
    x, y = abs(velocity[0]), abs(velocity[1])
    faded_x, faded_y = fade * pace[0], fade * pace[1]
    return x if x > faded_x else faded_x, y if y > faded_y else faded_y


def residuals(found: People, predicted: People) -> list[Vector]:
    """
    Return how far n people are from where they were predicted, in pixels.

    It is the median over the keypoints that are visible in both; all are if there are none.
    """
    common = found.visible & predicted.visible
    counts = np.add.reduce(common, axis=1).tolist()
    if 0 in counts:
        common[[not count for count in counts]] = True
        counts = [count or NUM_PARTS for count in counts]
    offsets = np.where(common, found.keypoints - predicted.keypoints, np.inf)
    offsets.sort(axis=2)
    return [
        ((x[low] + x[high]) / 2, (y[low] + y[high]) / 2)
        for x, y, low, high in zip(
            *offsets.tolist(),
            [(count - 1) >> 1 for count in counts],
            [count >> 1 for count in counts],
            strict=True,
        )
    ]


def gain(gap: float, sightings: int) -> float:
    """Return the gain after a gap in seconds; `sightings` counts those before."""
    settled, new = -math.expm1(-gap / _TIME_CONSTANT), 1 / (sightings + 1)
    return settled if settled > new else new


def corrected(velocity: Vector, residual: Sequence[float], *, gap: float, gain: float) -> Vector:
    """
    Return the velocity in px/s after a person was found `residual`, (x, y), off the prediction.

    Where the gap is 0, nothing changes.
    """
    if gap <= 0:
        return velocity
    rate = gain / gap
    return velocity[0] + residual[0] * rate, velocity[1] + residual[1] * rate
