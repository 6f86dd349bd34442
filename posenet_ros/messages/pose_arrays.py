"""Conversion of poses to PoseArray messages."""

from collections.abc import Sequence
from math import nan
from typing import Any

from posenet_ros.boxes import Box, box_of
from posenet_ros.framing.framing import Size
from posenet_ros.messages.message_types import Header, PoseTypes
from posenet_ros.poses import Pose

_UNKNOWN = Box(nan, nan, nan, nan)


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
        poses=[_to_message(pose, box_of(pose, image_size) or _UNKNOWN, types) for pose in poses],
    )


def _to_message(pose: Pose, box: Box, types: PoseTypes) -> Any:
    points = zip(pose.keypoints.tolist(), pose.keypoint_scores.tolist(), strict=True)
    return types.Pose(
        track_id=pose.track_id,
        score=pose.score,
        x_min=box.x_min,
        y_min=box.y_min,
        x_max=box.x_max,
        y_max=box.y_max,
        keypoints=[
            types.Keypoint(id=part, x=x, y=y, score=score)
            for part, ((x, y), score) in enumerate(points)
        ],
    )
