"""Conversion of poses in metres to Pose3DArray messages."""

from collections.abc import Sequence

from geometry_msgs.msg import Point
import numpy as np
from numpy.typing import NDArray
from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.framing.framing import Size
from posenet_ros.spatial.positions import Pose3D


def to_pose_3d_array(
    poses: Sequence[Pose3D], header: Header, image_size: Size, *, standing: Sequence[bool] = ()
) -> msg.Pose3DArray:
    """
    Return the poses in an image of (height, width) as a message with the image's header.

    `standing` tells for each person whether the body is where the person stands, and not the
    middle of the trunk. If it is empty, that is true for nobody.
    """
    on_ground = standing or [False] * len(poses)
    height, width = image_size
    return msg.Pose3DArray(
        header=header,
        image_width=width,
        image_height=height,
        poses=[
            _to_message(pose, msg.Pose3D.BODY_ON_GROUND if stands else msg.Pose3D.BODY_TRUNK)
            for pose, stands in zip(poses, on_ground, strict=True)
        ],
    )


def _to_message(pose: Pose3D, body_kind: int) -> msg.Pose3D:
    points = zip(pose.positions, pose.keypoint_scores.tolist(), strict=True)
    known = bool(np.isfinite(pose.body).all())
    return msg.Pose3D(
        track_id=pose.track_id,
        score=pose.score,
        keypoints=[
            msg.Keypoint3D(id=part, position=_point(position), score=score)
            for part, (position, score) in enumerate(points)
        ],
        body=_point(pose.body),
        body_kind=body_kind if known else msg.Pose3D.BODY_UNKNOWN,
    )


def _point(position: NDArray[np.float64]) -> Point:
    x, y, z = position.tolist()
    return Point(x=x, y=y, z=z)
