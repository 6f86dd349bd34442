"""
How similar a pose is to somebody who was lost for a while.

Whoever is hidden may stop or turn, so nobody knows where the person comes back. But size and posture
hardly change. So they are compared apart: the similarity of the poses where their middles would
be at one place, times

    exp(-(x / u)^2 / 2 - (y / v)^2 / 2)

with the distance (x, y) of the pose from the prediction, which is the median over the common keypoints,
and how far the prediction may be off. If the tolerance of each keypoint grew instead, anybody in
the area would be similar.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posenet_ros.tracking.motion import Vector
from posenet_ros.tracking.people import People
from posenet_ros.tracking.similarity import EXPONENTS, MIN_COMMON

# How far the middle of somebody partly hidden is off, in sizes.
_OFF = 0.1


def reappearances(
    people: People,
    sizes: Sequence[float],
    lost: People,
    lost_sizes: Sequence[float],
    uncertainties: Sequence[Vector],
) -> list[list[float]]:
    """
    Return the similarity, 0 to 1, of each of n poses to each of m lost people.

    `lost` are these people where they are predicted, and `uncertainties` how far that may be off
    in x and y. These and the sizes are in pixels. A pose with fewer than 4 keypoints that are
    visible in both has similarity 0.
    """
    common = people.visible[:, np.newaxis] & lost.visible
    # [2, n, m, 17]
    offsets = people.keypoints[:, :, np.newaxis] - lost.keypoints[:, np.newaxis]
    counts = np.add.reduce(common, axis=2)
    middles = _medians(offsets, common, counts)
    smaller = np.minimum(np.array(sizes)[:, np.newaxis], lost_sizes)
    offsets -= middles[..., np.newaxis]
    offsets *= offsets
    terms = (offsets[0] + offsets[1]) / (smaller * smaller)[..., np.newaxis]
    terms /= EXPONENTS
    np.exp(terms, out=terms)
    terms *= common
    shapes = np.add.reduce(terms, axis=2) / np.maximum(counts, 1)
    shapes *= counts >= MIN_COMMON
    middles /= np.array(uncertainties).T[:, np.newaxis] + _OFF * smaller
    middles *= middles
    shapes *= np.exp((middles[0] + middles[1]) / -2)
    values: list[list[float]] = shapes.tolist()
    return values


def _medians(
    offsets: NDArray[np.float64], common: NDArray[np.bool_], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the medians of the common keypoints' offsets, [2, n, m]; 0 where there are none."""
    ordered = np.where(common, offsets, np.inf)
    ordered.sort(axis=3)
    ranks = np.stack([np.maximum(counts - 1, 0) >> 1, counts >> 1], axis=2)
    middles = np.take_along_axis(ordered, ranks[np.newaxis], axis=3).sum(axis=3) / 2
    return np.where(counts > 0, middles, 0.0)
