"""
The keypoints of several people in arrays, and how similar people are.

The similarity of two people is object keypoint similarity: the mean over the keypoints of

    exp(-d^2 / (2 (2 k)^2 A))

weighted by the lower of the two scores of each keypoint, with the distance d of the keypoints in
pixels, the area A of the first person in square pixels, and COCO's constant k of each part.

For a few people, time depends on the number of calls of NumPy, and hardly on the number of values.
So x and y are apart, in the first axis of one array, and everything is computed for all people at
once.

Source: cocodataset.org, "Keypoint Evaluation", which takes the area of the true outline.
`tracking/similarity.py` compares people in different images, with the same constants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import FALLOFFS, NUM_PARTS
from posenet_ros.poses import Pose

# Keypoints with this score are reliable; of each person, the best few are in any case. With 0.1 or
# 0.3, the average precision on COCO's odd-numbered pictures is 0.1 or 0.3 lower.
_RELIABLE_SCORE = 0.2
_MIN_RELIABLE = 4
# -2 (2 k)^2
_EXPONENTS = -8 * np.array(FALLOFFS) ** 2
# Whoever is seen from the side, or lies, has at least this share of the area of the square around.
_MIN_ASPECT = 0.25
# In square pixels: nobody is smaller.
_MIN_AREA = 16.0


@dataclass(frozen=True, eq=False)
class PeopleArrays:
    """Keypoints of N people in pixels, and their scores."""

    #: float64 [2, N, 17]: x, then y.
    keypoints: NDArray[np.float64]
    #: float64 [N, 17]
    scores: NDArray[np.float64]

    @cached_property
    def boxes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the corners of boxes around the reliable keypoints, each [2, N]: x, then y."""
        best = np.partition(self.scores, -_MIN_RELIABLE, axis=1)[:, -_MIN_RELIABLE]
        reliable = self.scores >= np.minimum(best, _RELIABLE_SCORE)[:, None]
        low = np.minimum.reduce(self.keypoints, axis=-1, where=reliable, initial=np.inf)
        high = np.maximum.reduce(self.keypoints, axis=-1, where=reliable, initial=-np.inf)
        return low, high

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Return the area of each person, [N], in square pixels."""
        low, high = self.boxes
        width, height = high - low
        long_side = np.maximum(width, height)
        areas: NDArray[np.float64] = np.maximum(
            width * height, _MIN_ASPECT * long_side * long_side
        )
        np.maximum(areas, _MIN_AREA, out=areas)
        return areas

    @cached_property
    def mean_scores(self) -> list[float]:
        """Return the mean keypoint score of each person."""
        means: list[float] = (np.add.reduce(self.scores, axis=1) / NUM_PARTS).tolist()
        return means

    def similarities(self) -> NDArray[np.float64]:
        """Return the similarity, 0 to 1, of each person (rows) to each (columns), [N, N]."""
        # Single precision holds pixels to a thousandth, and halves memory and time.
        points = self.keypoints.astype(np.float32)
        gaps = points[:, :, None] - points[:, None]
        gaps *= gaps
        terms = gaps[0] + gaps[1]
        terms /= self.areas[:, None, None] * _EXPONENTS
        np.exp(terms, out=terms)
        weights = np.minimum(self.scores[:, None], self.scores)
        terms *= weights
        similarities: NDArray[np.float64] = np.add.reduce(terms, axis=-1)
        similarities /= np.maximum(np.add.reduce(weights, axis=-1), 1e-9)
        return similarities


def gather(poses: Sequence[Pose]) -> PeopleArrays:
    """Return the keypoints of poses in arrays."""
    if not poses:
        return PeopleArrays(np.empty((2, 0, NUM_PARTS)), np.empty((0, NUM_PARTS)))
    points = np.array([pose.keypoints for pose in poses], np.float64)
    scores = np.array([pose.keypoint_scores for pose in poses], np.float64)
    return PeopleArrays(np.ascontiguousarray(points.transpose(2, 0, 1)), scores)
