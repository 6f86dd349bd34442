"""One person's pose."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ['MIN_KEYPOINT_SCORE', 'Pose']

#: Minimum score of a keypoint to be reliable: to be compared, smoothed, located, and in a box. It
#: is the default of draw_min_keypoint_score, and the threshold of the tracker of tfjs
#: pose-detection.
MIN_KEYPOINT_SCORE = 0.3


@dataclass(frozen=True, eq=False)
class Pose:
    """
    A person's 17 keypoints with their scores.

    Decoders give positions in pixels of the network input, the estimator in pixels of the image.
    In both, x points to the right, y points down, and (0, 0) is the centre of the top left pixel.
    """

    #: Confidence in the person as a whole, 0 to 1.
    score: float
    #: Positions, float64 [17, 2], each row (x, y), in pixels; rows in the order of PART_NAMES.
    keypoints: NDArray[np.float64]
    #: Confidence in each keypoint, float32 [17], 0 to 1.
    keypoint_scores: NDArray[np.float32]
    #: Number of the person, the same in all images of a camera, from 1 up; 0 if not tracked.
    track_id: int = 0

    def mirrored(self, width: int) -> 'Pose':
        """Return the pose with its positions mirrored in an image of this width in pixels."""
        return self.at(self.keypoints * (-1, 1) + (width - 1, 0))

    def at(self, keypoints: NDArray[np.float64]) -> 'Pose':
        """Return the pose with its keypoints moved to other positions, float64 [17, 2]."""
        # Several times faster than dataclasses.replace; so is `with_score`.
        return Pose(self.score, keypoints, self.keypoint_scores, self.track_id)

    def with_score(self, score: float) -> 'Pose':
        """Return the pose with another score, 0 to 1."""
        return Pose(score, self.keypoints, self.keypoint_scores, self.track_id)
