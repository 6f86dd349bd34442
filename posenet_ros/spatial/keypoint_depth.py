"""
Robust depth of keypoints: one of many pixels around each, on the body part and not behind it.

For each keypoint, 7 x 7 pixels are sampled in a window that covers its body part. So the window
becomes smaller with distance, down to 7 x 7 pixels. For wrists and ankles, which are narrow, the
window extends along the limb instead: from the wrist over the first 0.3 of the forearm, which is
on the body for sure. Then, of the known depths in the window:

- The nearest cluster is that of the body part: a limb is in front of what is behind it. A cluster
  is a share of all samples, whose depths differ by no more than the thickness of a body part and
  the noise. Single pixels nearer than that are errors at edges.
- The depth is the median of the cluster. At wrists and ankles, it is extrapolated from there to
  the joint, from the depth of the elbow or knee.
- Without such a cluster, as in a hole, the depth is unknown.

Constants were chosen on the rendered scenes of docs/spatial.md.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import PART_NAMES, SKELETON
from posenet_ros.spatial.body_shape import HALF_WIDTHS, MAX_DISTANCES
from posenet_ros.spatial.depth_image import DepthImage

Array = NDArray[np.float64]
Single = NDArray[np.float32]

_HALF_WIDTHS = HALF_WIDTHS.astype(np.float32)

# Samples along each side of a window, and pixels to its sides at least.
_SIDE, _MIN_HALF_WIDTH = 7, 3.0
_STEPS = np.linspace(-1.0, 1.0, _SIDE)
# Of the samples, [49]: how far along and across the window.
_ALONG, _ACROSS = (
    steps.ravel().astype(np.float32) for steps in np.meshgrid(_STEPS, _STEPS, indexing='ij')
)
# The same for all people and parts.
_SAMPLES = np.stack([_ALONG, _ACROSS])[:, np.newaxis, np.newaxis]
# To add up members of clusters and where they are, [49, 2].
_MEANS = np.stack([np.ones(_SIDE**2, np.float32), _ALONG], axis=1)

# The share of all samples of a window that makes a cluster. Wide parts must not be taken for the
# hand in front of them.
_SHARES = {
    'shoulder': 0.45,
    'hip': 0.45,
    'knee': 0.35,
    'elbow': 0.25,
    'wrist': 0.25,
    'ankle': 0.25,
}
_FACE_SHARE = 0.2
# The depths of a cluster differ by at most this many metres, plus this many for each square metre
# of distance: four standard deviations of a D435's noise.
_THICKNESS, _NOISE = 0.06, 0.016
# How much of the limb a window covers, from the wrist or ankle on.
_COVERED = 0.3


def _parts(*kinds: str) -> NDArray[np.intp]:
    return np.array([PART_NAMES.index(f'{side}_{k}') for side in ('left', 'right') for k in kinds])


_LIMB_ENDS, _LIMB_STARTS = _parts('wrist', 'ankle'), _parts('elbow', 'knee')
_LIMB_LENGTHS = MAX_DISTANCES[_LIMB_ENDS, _LIMB_STARTS]
_LINE_STARTS, _LINE_ENDS = np.array(SKELETON).T.copy()
_COUNTS = np.array(
    [round(_SHARES.get(name.split('_')[-1], _FACE_SHARE) * _SIDE**2) for name in PART_NAMES]
)
_PARTS = np.arange(len(PART_NAMES))[:, np.newaxis]
# For each sample, the place in sorted order at which its cluster has enough samples, in an array
# of [17, 98] whose second half has no samples; [17, 49].
_AHEAD = np.arange(_SIDE**2) + _COUNTS[:, np.newaxis] - 1 + 2 * _SIDE**2 * _PARTS


def keypoint_depths(
    keypoints: Array, visible: NDArray[np.bool_], depth: DepthImage, focal_length: float
) -> Array:
    """
    Return the depths of the skin at keypoints of n people in metres, float64 [n, 17].

    `keypoints` are in pixels of the image, float64 [2, n, 17]: x, then y. Those that are not
    `visible`, bool [n, 17], have no depth: NaN. `focal_length` is in pixels.
    """
    # float32 is exact to a thousandth of a pixel, and faster.
    places: Single = np.where(visible, keypoints, np.nan).astype(np.float32)
    distances = _rough_distances(places, depth)
    half_widths = np.maximum(_HALF_WIDTHS * (focal_length / distances), _MIN_HALF_WIDTH)
    points, is_along = _points(places, half_widths)
    samples = depth.at(points)
    depths, members = _nearest_clusters(samples, _THICKNESS + _NOISE * distances * distances)
    sums = members.take(_LIMB_ENDS, axis=1).astype(np.float32) @ _MEANS
    middles = sums[..., 1] / np.maximum(sums[..., 0], 1)
    return _extrapolated(depths, middles, is_along)


def _rough_distances(keypoints: Single, depth: DepthImage) -> Single:
    """
    Return how far away people are in metres, float32 [n, 1], to know the sizes of windows.

    It is the median of the depths at keypoints and in the middle of limbs, which are on the body
    for sure. If all are unknown, it is 2 m.
    """
    middles = (keypoints.take(_LINE_STARTS, axis=2) + keypoints.take(_LINE_ENDS, axis=2)) / 2
    found = depth.at(np.concatenate([keypoints, middles], axis=2))
    found.sort(axis=1)  # NaN comes last
    known = np.add.reduce(found > 0, axis=1)
    medians = found[np.arange(len(found)), np.maximum(known - 1, 0) // 2]
    return np.where(known > 0, medians, np.float32(2.0))[:, np.newaxis]


def _points(keypoints: Single, half_widths: Single) -> tuple[Single, NDArray[np.bool_]]:
    """
    Return the pixels to sample, float32 [2, n, 17, 49].

    Also returns at which wrists and ankles, bool [n, 4], the window is along the limb: the limb
    must be long enough in the image.
    """
    points = keypoints[..., np.newaxis] + half_widths[..., np.newaxis] * _SAMPLES
    ends, widths = keypoints.take(_LIMB_ENDS, axis=2), half_widths.take(_LIMB_ENDS, axis=1)
    halves = (keypoints.take(_LIMB_STARTS, axis=2) - ends) * (_COVERED / 2)
    lengths = np.sqrt(halves[0] * halves[0] + halves[1] * halves[1])
    is_along = lengths > widths  # not if one is NaN
    sideways = halves[::-1] * (widths / np.maximum(lengths, 1e-9))
    sideways[0] *= -1
    along = (
        (ends + halves)[..., np.newaxis]
        + halves[..., np.newaxis] * _ALONG
        + sideways[..., np.newaxis] * _ACROSS
    )
    rows, limbs = np.nonzero(is_along)
    points[:, rows, _LIMB_ENDS[limbs]] = along[:, rows, limbs]
    return points, is_along


def _nearest_clusters(samples: Single, widths: Single) -> tuple[Array, NDArray[np.bool_]]:
    """
    Return the median depth of each nearest cluster, float64 [n, 17], and its samples.

    Samples are float32 [n, 17, 49], and which of them are in the cluster is bool [n, 17, 49].
    Without a cluster, the median is NaN. `widths`, [n, 1], is the largest difference of depths
    within a cluster.
    """
    widths = widths[..., np.newaxis]
    order = np.full((*samples.shape[:2], 2 * _SIDE**2), np.nan, np.float32)
    order[..., : _SIDE**2] = np.sort(samples, axis=2)  # NaN comes last
    ahead = order.reshape(len(samples), -1).take(_AHEAD, axis=1)
    dense = ahead <= order[..., : _SIDE**2] + widths
    people, parts = np.arange(len(samples))[:, np.newaxis], _PARTS[:, 0]
    first = dense.argmax(axis=2)
    nearest = order[people, parts, first]
    nearest[~dense[people, parts, first]] = np.nan
    nearest = nearest[..., np.newaxis]
    members = samples >= nearest
    members &= samples <= nearest + widths
    middle = first + np.maximum(np.count_nonzero(members, axis=2) - 1, 0) // 2
    medians = order[people, parts, middle] + 0 * nearest[..., 0]
    return medians.astype(np.float64), members


def _extrapolated(depths: Array, middles: Array, is_along: NDArray[np.bool_]) -> Array:
    """
    Return the depths at the ends of limbs from those of their windows along the limb.

    They stay if the other end of the limb is unknown, or farther away than the limb is long.
    `middles`, [n, 4], is where in the window the samples are on average, from -1 to 1.
    """
    shares = _COVERED / 2 * (1 + middles)
    ends, starts = depths.take(_LIMB_ENDS, axis=1), depths.take(_LIMB_STARTS, axis=1)
    differences = ends - starts
    is_possible = np.abs(differences) <= _LIMB_LENGTHS  # not if it is NaN
    changes = differences * (shares / (1 - shares))
    depths[:, _LIMB_ENDS] += np.where(is_along & is_possible, changes, 0.0)
    return depths
