"""
The keypoints of several people in arrays, for vectorised arithmetic.

For a few people, time depends on the number of calls of NumPy, and hardly on the number of values.
So x and y are apart, in the first axis of one array: one call does both, arrays of one value for
each keypoint broadcast to both, and reductions run along the last axis, where they are fastest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.poses import MIN_KEYPOINT_SCORE, Pose

# A person seen from the side is narrow, but not smaller: the narrow side of the box counts as at
# least this share of the long one.
_MIN_ASPECT = 0.3
# Farther away, in pixels, nothing is a position; NaN and infinity are not, either.
_MAX_POSITION = 1e6


@dataclass(frozen=True, eq=False)
class People:
    """Keypoints of n people in pixels of the image, and which of them are visible."""

    #: float64 [2, n, 17]: x, then y.
    keypoints: NDArray[np.float64]
    #: bool [n, 17]: the score is at least 0.3, and the position is one.
    visible: NDArray[np.bool_]

    def only(self, which: Sequence[int]) -> 'People':
        """Return some of the people, by their indices."""
        indices = np.array(which, np.intp)
        return People(self.keypoints.take(indices, axis=1), self.visible.take(indices, axis=0))

    def joined(self, others: 'People') -> 'People':
        """Return these people and then the others."""
        return People(
            np.concatenate([self.keypoints, others.keypoints], axis=1),
            np.concatenate([self.visible, others.visible]),
        )

    def without(self, hidden: Mapping[int, NDArray[np.bool_]]) -> 'People':
        """Return these people, with some keypoints not visible: bool [17], by the index."""
        visible = self.visible.copy()
        for row, which in hidden.items():
            visible[row] &= ~which
        return People(self.keypoints, visible)

    def sizes(self) -> list[float]:
        """
        Return the size of each person in pixels: the root of the area.

        The area is that of the box around the visible keypoints, or around all if none is visible.
        """
        high = np.maximum.reduce(self.keypoints, axis=2, where=self.visible, initial=-np.inf)
        low = np.minimum.reduce(self.keypoints, axis=2, where=self.visible, initial=np.inf)
        widths, heights = (high - low).tolist()
        if -np.inf in widths:
            some = np.logical_or.reduce(self.visible, axis=1)
            return People(self.keypoints, self.visible | ~some[:, np.newaxis]).sizes()
        return [_size(width, height) for width, height in zip(widths, heights, strict=True)]


def _size(width: float, height: float) -> float:
    """Return the size of somebody from that of the box."""
    # Conditional expressions are several times faster than max and min.
    long, short = (width, height) if width > height else (height, width)
    narrowest = _MIN_ASPECT * long
    return math.sqrt(long * (short if short > narrowest else narrowest)) + 1.0


@dataclass(frozen=True, eq=False)
class Found:
    """n poses of an image in arrays, as `gather` returns them."""

    people: People
    #: float32 [n, 17]; not to be changed.
    scores: NDArray[np.float32]
    #: In pixels.
    sizes: list[float]
    #: bool [n, 17]: keypoints without a position, at 0 in `people`; None if all have one.
    unknown: NDArray[np.bool_] | None = None

    def only(self, which: Sequence[int]) -> 'Found':
        """Return some of the poses, by their indices."""
        rows = np.array(which, np.intp)
        sizes = [self.sizes[index] for index in which]
        unknown = None if self.unknown is None else self.unknown[rows]
        return Found(self.people.only(which), self.scores[rows], sizes, unknown)


def gather(poses: Sequence[Pose]) -> Found:
    """Return poses in arrays."""
    if not poses:
        nobody = People(np.zeros((2, 0, NUM_PARTS)), np.zeros((0, NUM_PARTS), bool))
        return Found(nobody, np.zeros((0, NUM_PARTS), np.float32), [])
    rows = np.concatenate([pose.keypoints for pose in poses])
    keypoints = np.ascontiguousarray(rows.T).reshape(2, len(poses), NUM_PARTS)
    scores = np.concatenate([pose.keypoint_scores for pose in poses]).reshape(-1, NUM_PARTS)
    visible = scores >= MIN_KEYPOINT_SCORE
    unknown = None
    # NaN is not less than anything.
    if not np.maximum.reduce(np.abs(keypoints), axis=None) <= _MAX_POSITION:
        valid = np.abs(keypoints) <= _MAX_POSITION
        unknown = ~(valid[0] & valid[1])
        visible &= ~unknown
        keypoints[:, unknown] = 0.0
    people = People(keypoints, visible)
    return Found(people, scores, people.sizes(), unknown)


def numbered(poses: Sequence[Pose], ids: Sequence[int]) -> list[Pose]:
    """Return poses with these ids; several times faster than dataclasses.replace."""
    return [
        Pose(pose.score, pose.keypoints, pose.keypoint_scores, number)
        for pose, number in zip(poses, ids, strict=True)
    ]
