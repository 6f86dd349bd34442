"""
The shape of human bodies, as far as depth needs it: how long and how thick limbs are.

Lengths of segments are fractions of the stature: Drillis and Contini, "Body segment parameters",
1966, in Winter, "Biomechanics and Motor Control of Human Movement", figure 4.1. Half thicknesses
of limbs are girths of average adults divided by 2 pi: wrist 17 cm, elbow 28, ankle 23, knee 38.
Those of the shoulder and the hip are estimates.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS, PART_NAMES

Array = NDArray[np.float64]

# Metres. Nearly everybody is smaller.
_MAX_STATURE = 2.0

# Distances between the joints of one side as fractions of the stature. The hips' and the
# shoulders' are those of the outer breadths, as keypoints are not always found at the joints.
_LENGTHS = (
    ('nose', 'eye', 0.05),
    ('eye', 'ear', 0.09),
    ('nose', 'shoulder', 0.2),
    ('shoulder', 'elbow', 0.186),
    ('elbow', 'wrist', 0.146),
    ('shoulder', 'hip', 0.288),
    ('hip', 'knee', 0.245),
    ('knee', 'ankle', 0.246),
)
_BREADTHS = (('eye', 0.05), ('shoulder', 0.259), ('hip', 0.191))

# Metres from the skin to the joint, for somebody who is looked at from the front. Keypoints of the
# face are on the skin.
_JOINT_DEPTHS = {
    'ear': 0.02,
    'shoulder': 0.06,
    'elbow': 0.045,
    'wrist': 0.027,
    'hip': 0.095,
    'knee': 0.06,
    'ankle': 0.037,
}

# Metres from a keypoint to the edge of the body part on which it is. Within them, depth is that of
# the part.
_HALF_WIDTHS = {
    'nose': 0.035,
    'eye': 0.025,
    'ear': 0.03,
    'shoulder': 0.05,
    'elbow': 0.035,
    'wrist': 0.025,
    'hip': 0.07,
    'knee': 0.045,
    'ankle': 0.03,
}


def _by_kind(table: dict[str, float]) -> Array:
    """Return the numbers of a table for all parts, float64 [17]; 0 for those that it omits."""
    return np.array([table.get(name.split('_')[-1], 0.0) for name in PART_NAMES])


def _max_distances() -> Array:
    """Return how far apart parts can be, float64 [17, 17]: the shortest way along the limbs."""
    distances = np.full((NUM_PARTS, NUM_PARTS), np.inf)
    np.fill_diagonal(distances, 0.0)
    for first, second, length in _edges():
        distances[first, second] = distances[second, first] = length * _MAX_STATURE
    for middle in range(NUM_PARTS):
        ways = distances[:, middle, np.newaxis] + distances[middle]
        distances = np.minimum(distances, ways)
    return distances


def _edges() -> list[tuple[int, int, float]]:
    """Return pairs of parts with their distance as a fraction of the stature."""
    edges = []
    for side in ('left', 'right'):
        for start, end, length in _LENGTHS:
            first = 'nose' if start == 'nose' else f'{side}_{start}'
            edges.append((PART_NAMES.index(first), PART_NAMES.index(f'{side}_{end}'), length))
    for name, length in _BREADTHS:
        left, right = PART_NAMES.index(f'left_{name}'), PART_NAMES.index(f'right_{name}')
        edges.append((left, right, length))
    return edges


#: Metres from the skin to the joint, float64 [17].
JOINT_DEPTHS = _by_kind(_JOINT_DEPTHS)
#: Metres from a keypoint to the edge of its body part, float64 [17].
HALF_WIDTHS = _by_kind(_HALF_WIDTHS)
#: The largest possible distances between parts in metres, float64 [17, 17].
MAX_DISTANCES = _max_distances()
