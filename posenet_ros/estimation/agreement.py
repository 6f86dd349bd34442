"""How far the poses of a network in reduced precision lie from those in float32."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.network import Network
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

# What a person looking at the result would call there.
_SURE = 0.5


@dataclass(frozen=True)
class Agreement:
    """Distances of keypoints that float32 scores over 0.5, in pixels of the network input."""

    #: One for each such keypoint; infinite where reduced precision found nobody.
    distances: NDArray[np.float64]

    @property
    def median(self) -> float:
        """Return the median distance."""
        return float(np.median(self.distances))

    def share_within(self, pixels: float) -> float:
        """Return the share of keypoints, 0 to 1, that are no further away."""
        return float(np.mean(self.distances <= pixels))


def compare(
    reference: Network,
    network: Network,
    pictures: Sequence[NDArray[np.uint8]],
    input_sizes: Sequence[str],
) -> Agreement:
    """
    Compare two networks on pictures, uint8 RGB [height, width, 3], at each of the input sizes.

    The pictures are letterboxed to them.
    """
    distances: list[NDArray[np.float64]] = []
    for input_size in input_sizes:
        settings = PoseSettings(input_size=input_size)
        expected, found = PoseEstimator(reference, settings), PoseEstimator(network, settings)
        for picture in pictures:
            scale = np.array(expected.transform((picture.shape[0], picture.shape[1])).scale[::-1])
            poses, others = expected.estimate(picture), found.estimate(picture)
            distances += [nearest_distances(pose, others, scale) for pose in poses]
    return Agreement(np.concatenate([np.empty(0), *distances]))


def nearest_distances(
    pose: Pose, others: Sequence[Pose], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Return how far a pose's keypoints, those scored over 0.5, are from the nearest other pose's.

    `scale` is how many image pixels, (x, y), a pixel of the network input spans. Where there is
    no other pose, all are infinitely far.
    """
    sure = pose.keypoint_scores > _SURE
    to_others = [
        np.hypot(*((other.keypoints - pose.keypoints)[sure] / scale).T) for other in others
    ]
    nobody = np.full(int(sure.sum()), np.inf)
    return min(to_others, key=np.mean, default=nobody) if sure.any() else nobody
