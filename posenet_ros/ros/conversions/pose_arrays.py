"""Conversion of poses to PoseArray messages."""

from collections.abc import Sequence

from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose


def to_pose_array(poses: Sequence[Pose], header: Header, image_size: Size) -> msg.PoseArray:
    """Return the poses in an image of (height, width) as a message with the image's header."""
    height, width = image_size
    return msg.PoseArray(
        header=header,
        image_width=width,
        image_height=height,
        poses=[_to_message(pose) for pose in poses],
    )


def _to_message(pose: Pose) -> msg.Pose:
    points = zip(pose.keypoints.tolist(), pose.keypoint_scores.tolist(), strict=True)
    return msg.Pose(
        track_id=pose.track_id,
        score=pose.score,
        keypoints=[
            msg.Keypoint(id=part, x=x, y=y, score=score)
            for part, ((x, y), score) in enumerate(points)
        ],
    )
