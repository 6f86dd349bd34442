"""
Whether the positions of a person's keypoints are possible: limbs have a maximum length.

Two keypoints are never farther apart than the way between them along the limbs of a tall person.
Of two that are, one is wrong. It is the one that contradicts more of the others, as a wrist on the
wall behind contradicts the whole body. It is removed, and so on until no two contradict each
other.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.spatial.body_shape import MAX_DISTANCES

Array = NDArray[np.float64]

# Limbs seem longer than they are, by this share: keypoints have errors of some pixels. And by this
# many metres for each square metre of distance: the noise of depth.
_TOLERANCE, _NOISE = 0.15, 0.005
# In metres, [17, 17], without noise.
_LIMITS = MAX_DISTANCES * (1 + _TOLERANCE)


def plausible(positions: Array) -> NDArray[np.bool_]:
    """
    Return which positions of n people, float64 [n, 17, 3] in metres, are possible: bool [n, 17].

    Unknown positions, which are NaN, are not.
    """
    known = np.isfinite(positions[..., 2])
    noise = _NOISE * positions[..., 2] ** 2
    limits = _LIMITS + noise[:, :, np.newaxis] + noise[:, np.newaxis]
    products = positions @ positions.transpose(0, 2, 1)
    squares = np.einsum('nii->ni', products)
    distances = squares[:, :, np.newaxis] + squares[:, np.newaxis] - 2 * products
    contradictions = distances > limits * limits  # not if one is NaN
    people = np.nonzero(np.logical_or.reduce(contradictions, axis=(1, 2)))[0]
    if len(people):
        # Of those with as many contradictions, the one with the longest distances is wrong.
        weights = np.where(
            contradictions[people], 1 + 1e-6 * np.minimum(distances[people], 1e4), 0
        )
        known[people] &= ~_removed(weights)
    return known


def _removed(weights: Array) -> NDArray[np.bool_]:
    """
    Return which keypoints of n people to remove, bool [n, 17], so that no contradiction is left.

    `weights`, [n, 17, 17], are those of contradictions, and 0 for pairs that agree. They are
    changed in place.
    """
    people = np.arange(len(weights))
    removed = np.zeros(weights.shape[:2], bool)
    while True:
        votes = np.add.reduce(weights, axis=2)
        worst = votes.argmax(axis=1)
        wrong = votes[people, worst] > 0
        if not wrong.any():
            return removed
        rows, columns = people[wrong], worst[wrong]
        removed[rows, columns] = True
        weights[rows, columns] = 0.0
        weights[rows, :, columns] = 0.0
