"""Made poses of a standing person, for the tests of tracking."""

import numpy as np

from posenet_ros.poses import Pose

_BODY = np.array([
    [0, 7], [2, 5], [-2, 5], [5, 6], [-5, 6], [12, 18], [-12, 18], [15, 35], [-15, 35], [16, 50],
    [-16, 50], [8, 50], [-8, 50], [8, 73], [-8, 73], [8, 96], [-8, 96],
], float)  # fmt: skip


def pose_at(x: float, *, y: float = 100.0, score: float = 0.8, track_id: int = 0) -> Pose:
    """Return a person of about 90 pixels, with the middle at x and the head at y."""
    scores = np.full(17, 0.9, np.float32)
    return Pose(score, _BODY + np.array([x, y]), scores, track_id)
