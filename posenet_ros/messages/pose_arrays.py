"""Conversion of poses to PoseArray messages."""

from collections.abc import Sequence
from typing import Any

from posenet_ros.framing.framing import Size
from posenet_ros.messages.message_types import Header, PoseTypes
from posenet_ros.poses import Pose


def to_pose_array(
    poses: Sequence[Pose], header: Header, image_size: Size, *, types: PoseTypes
) -> Any:
    """
    Return the poses in an image of (height, width) as a PoseArray with the image's header.

    `types` has the types of our messages: `posenet_ros.msg`, or those of another library.
    """
    height, width = image_size
    return types.PoseArray(
        header=header,
        image_width=width,
        image_height=height,
        poses=[_to_message(pose, types) for pose in poses],
    )


def _to_message(pose: Pose, types: PoseTypes) -> Any:
    points = zip(pose.keypoints.tolist(), pose.keypoint_scores.tolist(), strict=True)
    return types.Pose(
        track_id=pose.track_id,
        score=pose.score,
        keypoints=[
            types.Keypoint(id=part, x=x, y=y, score=score)
            for part, ((x, y), score) in enumerate(points)
        ],
    )
