"""
Conversion of poses in metres to transforms of frames, one for each person.

tf2_msgs is optional: only those who set `person_frames` need it.
"""

from collections.abc import Sequence
from typing import Any

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
import numpy as np
from std_msgs.msg import Header

from posenet_ros.errors import SettingError
from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.spatial.positions import Pose3D

try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # there is no wheel of it
    TFMessage = None


def transform_message_type() -> Any:
    """Return the type of messages on /tf; raises SettingError if tf2_msgs is not installed."""
    if TFMessage is None:
        raise SettingError(
            'person_frames is true, but the package tf2_msgs is not installed: install '
            'ros-$ROS_DISTRO-tf2-msgs, or set person_frames to false'
        )
    return TFMessage


def to_transforms(poses: Sequence[Pose3D], header: Header, prefix: str) -> Any:
    """
    Return a TFMessage with the frames of those people who have a track id and a known body.

    A frame is called `prefix` and the track id. Its origin is the body, and its axes are those of
    the frame of the header, which is the optical frame of the camera. Returns None if there is no
    such person, or if the image has no stamp or no frame_id, without which tf2 has no use for it.
    """
    located = [one for one in poses if one.track_id and np.isfinite(one.body).all()]
    if not located or not header.frame_id or nanoseconds_of(header) <= 0:
        return None
    return transform_message_type()(
        transforms=[
            TransformStamped(
                header=header,
                child_frame_id=f'{prefix}{pose.track_id}',
                transform=_translation(*pose.body.tolist()),
            )
            for pose in located
        ]
    )


def _translation(x: float, y: float, z: float) -> Transform:
    return Transform(translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(w=1.0))
