"""The keypoints of several people in arrays, for vectorised arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.poses import Pose
from posenet_ros.tracking.tracking_settings import MIN_KEYPOINT_SCORE

# A person seen from the side is narrow, but not smaller: the narrow side of the box counts as at
# least this share of the long one.
_MIN_ASPECT = 0.3


@dataclass(frozen=True, eq=False)
class People:
    """Keypoints of n people in pixels of the image, and which of them are visible."""

    #: float64 [n, 17, 2], (x, y).
    keypoints: NDArray[np.float64]
    #: bool [n, 17]: the score is at least 0.3.
    visible: NDArray[np.bool_]

    def only(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> 'People':
        """Return some of the people, by their indices or by bool [n]."""
        return People(self.keypoints[which], self.visible[which])

    def joined(self, others: 'People') -> 'People':
        """Return these people and then the others."""
        return People(
            np.concatenate([self.keypoints, others.keypoints]),
            np.concatenate([self.visible, others.visible]),
        )

    def sizes(self) -> NDArray[np.float64]:
        """
        Return the size of each person in pixels, float64 [n]: the root of the area.

        The area is that of the box around the visible keypoints, or around all if none is visible.
        """
        counted = self.visible
        if not (some := np.logical_or.reduce(counted, axis=1)).all():
            counted = counted | ~some[:, np.newaxis]
        # [2, n, 17]: NumPy is several times faster if the reduced axis is the last one in memory.
        axes = self.keypoints.transpose(2, 0, 1).copy()
        high = np.where(counted, axes, -np.inf)
        low = np.where(counted, axes, np.inf)
        width, height = np.maximum.reduce(high, axis=2) - np.minimum.reduce(low, axis=2)
        long = np.maximum(width, height)
        area = long * np.maximum(np.minimum(width, height), _MIN_ASPECT * long)
        return np.asarray(np.sqrt(area) + 1.0)


def gather(poses: Sequence[Pose]) -> People:
    """Return the keypoints of poses in arrays."""
    if not poses:
        return People(np.zeros((0, NUM_PARTS, 2)), np.zeros((0, NUM_PARTS), bool))
    scores = np.array([pose.keypoint_scores for pose in poses])
    return People(np.array([pose.keypoints for pose in poses]), scores >= MIN_KEYPOINT_SCORE)
