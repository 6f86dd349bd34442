"""
The algorithm of the keypoint tracker of tfjs pose-detection, to compare with.

Reimplemented from its description: tracks older than 1 s end; each pose, in input order, takes the
free track of the highest object keypoint similarity at or above 0.2; poses that are left start
tracks at once; the 18 freshest tracks are kept. Similarity is the mean of
exp(-d^2 / (2 A (2 k)^2)) over the keypoints with scores of at least 0.3 in both, 0 if they are
fewer than 4. A is the area of the box around the track's keypoints. Coordinates are divided by the
width and the height of the image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import FALLOFFS
from posenet_ros.poses import Pose

_FALLOFFS = np.array(FALLOFFS)
_MIN_SCORE = 0.3
_MIN_COMMON = 4
_MIN_SIMILARITY = 0.2
_MAX_AGE = 1.0
_MAX_TRACKS = 18


@dataclass
class _Track:
    number: int
    stamp: float
    points: NDArray[np.float64]
    scores: NDArray[np.float32]


class TfjsTracker:
    """Tracks the people in a sequence of images of one size, (height, width)."""

    def __init__(self, image_size: tuple[int, int]) -> None:
        """Know nobody."""
        self._scale = np.array(image_size[::-1])
        self._tracks: list[_Track] = []
        self._started = 0

    def update(self, poses: Sequence[Pose], stamp: float) -> list[int]:
        """Return the ids of the poses in an image."""
        self._tracks = [one for one in self._tracks if stamp - one.stamp <= _MAX_AGE]
        free, ids = list(self._tracks), []
        for pose in poses:
            points, scores = pose.keypoints / self._scale, pose.keypoint_scores
            similar = [_similarity(points, scores, track) for track in free]
            best = int(np.argmax(similar)) if similar else -1
            if best >= 0 and similar[best] >= _MIN_SIMILARITY:
                track = free.pop(best)
                track.stamp, track.points, track.scores = stamp, points, scores
            else:
                self._started += 1
                track = _Track(self._started, stamp, points, scores)
                self._tracks.append(track)
            ids.append(track.number)
        self._tracks.sort(key=lambda one: -one.stamp)
        self._tracks = self._tracks[:_MAX_TRACKS]
        return ids


def _similarity(points: NDArray[np.float64], scores: NDArray[np.float32], track: _Track) -> float:
    common = (scores >= _MIN_SCORE) & (track.scores >= _MIN_SCORE)
    if common.sum() < _MIN_COMMON:
        return 0.0
    seen = track.points[track.scores > _MIN_SCORE]
    area = float(np.prod(np.ptp(seen, axis=0))) + 1e-6
    squares = ((points - track.points)[common] ** 2).sum(axis=1)
    return float(np.exp(-squares / (2 * area * (2 * _FALLOFFS[common]) ** 2)).mean())
