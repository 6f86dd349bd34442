"""
Where people stand, without depth: their feet are on the ground, and the camera's pose is known.

The ray of an ankle meets the plane in which ankles are, a little above the ground. The person is
below that point, on the ground. If no ankle is visible, knees are used in the same way: they are
as high above the ground for people who stand as for those who sit. Somebody who jumps, climbs or
lies is not where this says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import CalibrationError
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose
from posenet_ros.spatial.camera_model import CameraModel
from posenet_ros.spatial.positions import Pose3D, unlocated
from posenet_ros.tracking.people import gather

Array = NDArray[np.float64]

#: A pixel is at most this many metres on the ground, away from the camera: keypoints have errors
#: of a few pixels.
MAX_METRES_PER_PIXEL = 0.25

# Height above the ground in metres, for a stature of 1.7 m: 0.039 and 0.285 of it. Source: Drillis
# and Contini, "Body segment parameters", 1966.
_HEIGHTS = {'ankle': 0.066, 'knee': 0.485}


@dataclass(frozen=True, eq=False)
class CameraPose:
    """
    Where the camera is above the ground.

    The ground is the plane z = 0 of a frame whose z axis points up.
    """

    #: The axes of the camera's optical frame in the ground's frame, float64 [3, 3], in columns.
    rotation: Array
    #: Position of the camera in the ground's frame in metres, float64 [3].
    translation: Array


def camera_pose(
    quaternion: tuple[float, float, float, float], translation: tuple[float, float, float]
) -> CameraPose:
    """
    Return a pose from a quaternion (x, y, z, w) and a translation in metres, as tf2 gives them.

    They transform points from the camera's optical frame to the ground's frame. Raises
    CalibrationError if a number is not finite, or if the quaternion is 0.
    """
    length = float(np.linalg.norm(quaternion))
    if not (np.isfinite([length, *translation]).all() and length > 0):
        raise CalibrationError(
            f'the transform to the ground has the rotation {quaternion} and the translation '
            f'{translation}, which is not a pose; correct its publisher'
        )
    x, y, z, w = (number / length for number in quaternion)
    rotation = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip
    return CameraPose(rotation, np.array(translation, np.float64))


@dataclass(frozen=True, eq=False)
class GroundedPose:
    """Where a person stands, or why that is not known."""

    #: Only `body` is known, or nothing: the point on the ground, in the camera's optical frame.
    pose: Pose3D
    #: Why nothing is known; empty if it is.
    reason: str = ''


def locate_on_ground(
    poses: Sequence[Pose], camera: CameraModel, where: CameraPose
) -> list[GroundedPose]:
    """
    Return where people stand, in the same order.

    Of two ankles (or knees), it is the middle. That is not known for people whose feet and knees
    are hidden, above the horizon, or so far away that one pixel is more than 0.25 m on the ground.
    """
    if not poses:
        return []
    people = gather(poses).people
    found = []
    for index, pose in enumerate(unlocated(poses)):
        body, reason = _stand(people.keypoints[:, index].T, people.visible[index], camera, where)
        located = Pose3D(pose.score, pose.positions, pose.keypoint_scores, body, pose.track_id)
        found.append(GroundedPose(located, reason))
    return found


def _stand(
    keypoints: Array, visible: NDArray[np.bool_], camera: CameraModel, where: CameraPose
) -> tuple[Array, str]:
    """Return where a person stands in the optical frame, or NaN and the reason."""
    for part, height in _HEIGHTS.items():
        both = [PART_NAMES.index(f'{side}_{part}') for side in ('left', 'right')]
        seen = [index for index in both if visible[index]]
        if seen:
            rays = camera.to_rays(keypoints[seen])
            points, reason = _intersect(rays, height, camera, where)
            return points.mean(axis=0), reason
    return np.full(3, np.nan), 'no ankle or knee is visible'


def _intersect(
    rays: Array, height: float, camera: CameraModel, where: CameraPose
) -> tuple[Array, str]:
    """
    Return the points on the ground below those where rays, float64 [N, 3], are at a height.

    If one of them is not usable, also returns why, and NaN.
    """
    unknown = np.full((1, 3), np.nan)
    above = where.translation[2] - height
    if not above > 0:
        return unknown, f'the camera is {where.translation[2]:.2f} m above the ground: too low'
    directions = rays @ where.rotation.T
    if not (directions[:, 2] < 0).all():
        return unknown, 'the feet are above the horizon'
    lengths = above / -directions[:, 2]
    ways = directions * lengths[:, np.newaxis]
    # A ray that is turned by the angle of one pixel meets the plane this much farther away.
    steps = np.einsum('ij,ij->i', ways, ways) / (above * camera.focal_length)
    if not (steps <= MAX_METRES_PER_PIXEL).all():
        return unknown, (
            f'the person is too far away: a pixel is {steps.max():.2f} m on the ground, '
            f'more than {MAX_METRES_PER_PIXEL}'
        )
    ways[:, 2] = -where.translation[2]
    return ways @ where.rotation, ''
