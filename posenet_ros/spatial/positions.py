"""
The positions of people in metres, from their keypoints and a depth image.

Depth gives the skin, and a keypoint is the joint below it: so the half thickness of the limb is
added along the ray (`body_shape.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS, PART_NAMES
from posenet_ros.poses import Pose
from posenet_ros.spatial.body_shape import JOINT_DEPTHS
from posenet_ros.spatial.camera_model import CameraModel
from posenet_ros.spatial.depth_image import DepthImage
from posenet_ros.spatial.keypoint_depth import keypoint_depths
from posenet_ros.spatial.plausibility import plausible
from posenet_ros.tracking.people import gather

Array = NDArray[np.float64]

_TRUNK = [
    index for index, name in enumerate(PART_NAMES) if name.split('_')[-1] in ('shoulder', 'hip')
]


@dataclass(frozen=True, eq=False)
class Pose3D:
    """
    A person's 17 keypoints in metres.

    Positions are in the optical frame of the camera (x to the right, y down, z forward), and NaN
    where they are not known.
    """

    #: Confidence in the person as a whole, 0 to 1.
    score: float
    #: Positions, float64 [17, 3], each row (x, y, z); rows in the order of PART_NAMES.
    positions: Array
    #: Confidence in each keypoint, float32 [17], 0 to 1, as in the pose.
    keypoint_scores: NDArray[np.float32]
    #: Position of the person, float64 [3]: the median of the known shoulders and hips, or of all
    #: known keypoints if there are none.
    body: Array
    #: Number of the person, the same in all images of a camera, from 1 up; 0 if not tracked.
    track_id: int = 0


def locate(poses: Sequence[Pose], depth: DepthImage, camera: CameraModel) -> list[Pose3D]:
    """
    Return the poses in metres, in the same order.

    A keypoint is not known if its score is below 0.3, if there is no depth at its body part, or if
    its limb would be too long. `depth` must be for images of the same size as `camera`.
    """
    if not poses:
        return []
    people = gather(poses).people
    depths = keypoint_depths(people.keypoints, people.visible, depth, camera.focal_length)
    rays = camera.to_rays(people.keypoints.transpose(1, 2, 0))
    depths += JOINT_DEPTHS / np.sqrt(np.einsum('...i,...i', rays, rays))
    positions = rays * depths[..., np.newaxis]
    positions[~plausible(positions)] = np.nan
    return [
        Pose3D(pose.score, one, pose.keypoint_scores, body, pose.track_id)
        for pose, one, body in zip(poses, positions, bodies(positions), strict=True)
    ]


def unlocated(poses: Sequence[Pose]) -> list[Pose3D]:
    """Return the poses, in the same order, with no position known."""
    return [
        Pose3D(
            pose.score,
            np.full((NUM_PARTS, 3), np.nan),
            pose.keypoint_scores,
            np.full(3, np.nan),
            pose.track_id,
        )
        for pose in poses
    ]


def bodies(positions: Array) -> Array:
    """Return the positions of n people, float64 [n, 3], from their keypoints, [n, 17, 3]."""
    known: NDArray[np.bool_] = np.isfinite(positions[..., 2])
    trunk = np.zeros_like(known)
    trunk[:, _TRUNK] = known[:, _TRUNK]
    used = np.where(np.logical_or.reduce(trunk, axis=1)[:, np.newaxis], trunk, known)
    order = np.sort(np.where(used[..., np.newaxis], positions, np.nan), axis=1)  # NaN comes last
    counts = used.sum(axis=1)
    people = np.arange(len(positions))
    low, high = np.maximum(counts - 1, 0) // 2, counts // 2
    return np.asarray((order[people, low] + order[people, high]) / 2, np.float64)
