"""One person's pose."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Pose:
    """
    A person's 17 keypoints with their scores.

    The frame of the positions is that of whoever made the pose: a decoder gives pixels of the
    network input, the estimator pixels of the original image. In both, x grows to the right,
    y downwards, and (0, 0) is the middle of the top left pixel.
    """

    #: Confidence in the whole person, 0 to 1.
    score: float
    #: Positions, float64 [17, 2], each row (x, y), in pixels; rows in the order of PART_NAMES.
    keypoints: NDArray[np.float64]
    #: Confidence in each keypoint, float32 [17], 0 to 1.
    keypoint_scores: NDArray[np.float32]

    def at(self, keypoints: NDArray[np.float64]) -> 'Pose':
        """Return the same pose with its keypoints at other positions, float64 [17, 2]."""
        return replace(self, keypoints=keypoints)
