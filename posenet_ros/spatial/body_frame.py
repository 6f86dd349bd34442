"""The frame of a person's body, as REP 155 defines it."""

from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import PART_NAMES

Array = NDArray[np.float64]

_HIPS = [PART_NAMES.index('left_hip'), PART_NAMES.index('right_hip')]
_SHOULDERS = [PART_NAMES.index('left_shoulder'), PART_NAMES.index('right_shoulder')]

# Metres. The trunk of a small child is longer and wider; below, the axes would be noise.
_MIN_LENGTH, _MIN_WIDTH = 0.15, 0.05


@dataclass(frozen=True, eq=False)
class BodyFrame:
    """
    Position and orientation of a person's body in the frame of the keypoints.

    The origin is the middle between the hips. x points forward, out of the body, y to the person's
    left and z to the head.
    """

    #: In metres, float64 [3].
    origin: Array
    #: Unit quaternion (x, y, z, w) of the rotation from the body to the frame of the keypoints.
    rotation: tuple[float, float, float, float]


def body_frame(positions: Array) -> BodyFrame | None:
    """
    Return the frame of a body, from the positions of the keypoints in metres, float64 [17, 3].

    Returns None unless both hips and both shoulders are known (not NaN), the trunk is at least
    0.15 m long, and shoulders and hips together at least 0.05 m wide across the trunk.
    """
    hips, shoulders = positions[_HIPS], positions[_SHOULDERS]
    if not (np.isfinite(hips).all() and np.isfinite(shoulders).all()):
        return None
    origin = hips.mean(axis=0)
    up = shoulders.mean(axis=0) - origin
    length = float(np.linalg.norm(up))
    if length < _MIN_LENGTH:
        return None
    up /= length
    across = (shoulders[0] - shoulders[1] + hips[0] - hips[1]) / 2
    left = across - up * (across @ up)
    width = float(np.linalg.norm(left))
    if width < _MIN_WIDTH:
        return None
    left /= width
    return BodyFrame(origin, _quaternion(np.stack([np.cross(left, up), left, up], axis=1)))


def _quaternion(matrix: Array) -> tuple[float, float, float, float]:
    """
    Return the unit quaternion (x, y, z, w) of a rotation matrix, float64 [3, 3].

    Each square is computed on its own, and signs follow from differences off the diagonal, with
    respect to the largest component (Shepperd, "Quaternion from rotation matrix", 1978).
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = matrix.tolist()
    candidates = (
        (1 + xx - yy - zz, yx + xy, zx + xz, zy - yz),
        (xy + yx, 1 - xx + yy - zz, zy + yz, xz - zx),
        (xz + zx, yz + zy, 1 - xx - yy + zz, yx - xy),
        (zy - yz, xz - zx, yx - xy, 1 + xx + yy + zz),
    )
    best = max(range(4), key=lambda index: candidates[index][index])
    x, y, z, w = candidates[best]
    norm = math.sqrt(x * x + y * y + z * z + w * w)
    return x / norm, y / norm, z / norm, w / norm
