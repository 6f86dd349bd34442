"""Conversion of poses in metres to Pose3DArray messages."""

from collections.abc import Sequence

from geometry_msgs.msg import Point
import numpy as np
from numpy.typing import NDArray
from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.framing.framing import Size
from posenet_ros.spatial.positions import Pose3D


def to_pose_3d_array(poses: Sequence[Pose3D], header: Header, image_size: Size) -> msg.Pose3DArray:
    """
    Return the poses in an image of (height, width) as a message with the image's header.

    The body of each person is the middle of the trunk, or not known.
    """
    height, width = image_size
    return msg.Pose3DArray(
        header=header,
        image_width=width,
        image_height=height,
        poses=[_to_message(pose) for pose in poses],
    )


def _to_message(pose: Pose3D) -> msg.Pose3D:
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
        body_kind=msg.Pose3D.BODY_TRUNK if known else msg.Pose3D.BODY_UNKNOWN,
    )


def _point(position: NDArray[np.float64]) -> Point:
    x, y, z = position.tolist()
    return Point(x=x, y=y, z=z)
