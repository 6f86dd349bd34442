"""
The comparison of heads of the device with those of the CPU.

A run that is replayed with the inputs of an earlier one would give the results of another image.
So the heads of each image are also compared with the CPU's of the other images.
"""

from collections.abc import Sequence

from gpu_checks.correctness.distances import summarise
from gpu_checks.plan import Result
import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.agreement import Agreement, nearest_distances
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.heads import CHANNELS, Heads
from posenet_ros.poses import Pose


class Comparison:
    """The comparison of all images that were run in one way."""

    def __init__(self) -> None:
        """Start without images."""
        self._distances: list[NDArray[np.float64]] = []
        self._images = 0
        self._of_another_image = 0
        self._head_difference = 0.0

    def add(self, found: Heads, expected: Sequence[Heads], own: int) -> float:
        """
        Add an image of which `expected[own]` are the CPU's heads, the others those of others.

        Return the largest distance of its keypoints in pixels of the network input: infinite if
        nobody was found, and 0 if there are none.
        """
        self._images += 1
        differences = [largest_difference(found, one) for one in expected]
        self._of_another_image += int(np.argmin(differences)) != own
        self._head_difference = max(self._head_difference, differences[own])
        distances = keypoint_distances(expected[own], found)
        self._distances.append(distances)
        return float(distances.max()) if distances.size else 0.0

    @property
    def agreement(self) -> Agreement:
        """Return the distances of all keypoints."""
        return Agreement(np.concatenate([np.empty(0), *self._distances]))

    @property
    def of_another_image(self) -> int:
        """Return how many heads are more like those of another image."""
        return self._of_another_image

    def figures(self) -> Result:
        """Return the figures of all images."""
        return {
            'images': self._images,
            'of_another_image': self._of_another_image,
            'largest_head_difference': self._head_difference,
            **summarise(self.agreement),
        }


def largest_difference(first: Heads, second: Heads) -> float:
    """Return the largest absolute difference of the values of two heads."""
    return max(
        float(np.abs(getattr(first, name) - getattr(second, name)).max()) for name in CHANNELS
    )


def keypoint_distances(expected: Heads, found: Heads) -> NDArray[np.float64]:
    """Return the distances between keypoints, as `nearest_distances`, in pixels of the input."""
    others = _decode(found)
    distances = [nearest_distances(pose, others, np.ones(2)) for pose in _decode(expected)]
    return np.concatenate([np.empty(0), *distances])


def _decode(heads: Heads) -> list[Pose]:
    return decode_multiple_poses(
        heads, max_pose_detections=5, score_threshold=0.5, nms_radius=20.0, min_pose_score=0.0
    )
