"""The distance between the poses of two networks, for example int8 and float32."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.estimation.pose_network import PoseNetwork
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

# Keypoints with a higher score are clearly visible in the image.
_MIN_SCORE = 0.5


@dataclass(frozen=True)
class Agreement:
    """Distances between the keypoints of two networks, in pixels of the network input."""

    #: A distance for each keypoint that the reference scores over 0.5; infinite where the other
    #: network found nobody.
    distances: NDArray[np.float64]

    @property
    def median(self) -> float:
        """Return the median distance."""
        return float(np.median(self.distances))

    def share_within(self, pixels: float) -> float:
        """Return the share of distances, 0 to 1, that are at most this many pixels."""
        return float(np.mean(self.distances <= pixels))


def compare(
    reference: PoseNetwork[Any],
    network: PoseNetwork[Any],
    pictures: Iterable[NDArray[np.uint8]],
    input_sizes: Sequence[str],
) -> Agreement:
    """
    Compare two networks on pictures, uint8 RGB [height, width, 3]; only one is needed at a time.

    Each picture is letterboxed to each of the input sizes, such as '257x257'.
    """
    distances: list[NDArray[np.float64]] = []
    settings = [
        # Scores differ a little, too, so with a minimum a pose could be missing in one of the two.
        PoseSettings(input_size=input_size, min_pose_score=0.0)
        for input_size in input_sizes
    ]
    pairs = [(PoseEstimator(reference, one), PoseEstimator(network, one)) for one in settings]
    for picture in pictures:
        for expected, found in pairs:
            scale = np.array(expected.frame((picture.shape[0], picture.shape[1])).scale[::-1])
            poses, others = expected.estimate(picture), found.estimate(picture)
            distances += [nearest_distances(pose, others, scale) for pose in poses]
    return Agreement(np.concatenate([np.empty(0), *distances]))


def nearest_distances(
    pose: Pose, others: Sequence[Pose], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Return the distances of a pose's keypoints from those of the nearest other pose.

    Only keypoints that the pose scores over 0.5 count. `scale` is the size of a pixel of the
    network input in image pixels, (x, y). If there is no other pose, all distances are infinite.
    """
    visible = pose.keypoint_scores > _MIN_SCORE
    to_others = [
        np.hypot(*((other.keypoints - pose.keypoints)[visible] / scale).T) for other in others
    ]
    nobody = np.full(int(visible.sum()), np.inf)
    return min(to_others, key=np.mean, default=nobody) if visible.any() else nobody
