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

# The first is opposite of the last, and the second of the third.
_TRUNK = [
    PART_NAMES.index(name) for name in ('left_shoulder', 'right_shoulder', 'left_hip', 'right_hip')
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
    #: Position of the person, float64 [3]: the middle of the trunk; see `bodies`.
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
    """
    Return the middles of the trunks of n people, float64 [n, 3], from keypoints, [n, 17, 3].

    It is the median of the shoulders and hips. If one of them is unknown, the median would jump to
    the height of another one: then it is the middle between a shoulder and the opposite hip. If
    there are not even these, it is the mean of the shoulders and hips that are known, or else the
    median of all known keypoints.
    """
    trunks = positions.take(_TRUNK, axis=1)
    found: Array = np.add.reduce(np.sort(trunks, axis=1)[:, 1:3], axis=1) / 2
    unknown = np.isnan(trunks[..., 2])
    for index in np.nonzero(np.logical_or.reduce(unknown, axis=1))[0]:
        found[index] = _middle(trunks[index], positions[index])
    return found


def _middle(trunk: Array, positions: Array) -> Array:
    """Return the middle of somebody of whose trunk a part is unknown, float64 [3]."""
    for ends in (trunk[::3], trunk[1:3]):
        if np.isfinite(ends[:, 2]).all():
            return np.asarray(ends.mean(axis=0), np.float64)
    known = trunk[np.isfinite(trunk[:, 2])]
    if len(known):
        return np.asarray(known.mean(axis=0), np.float64)
    known = positions[np.isfinite(positions[:, 2])]
    return np.median(known, axis=0) if len(known) else np.full(3, np.nan)
