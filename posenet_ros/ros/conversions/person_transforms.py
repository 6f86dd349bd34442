"""Conversion of poses in metres to transforms of frames, one for each person."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from std_msgs.msg import Header

from posenet_ros.errors import SettingError
from posenet_ros.ros.conversions.transforms import is_usable_by_tf2, TF_TYPE, to_transform
from posenet_ros.spatial.positions import Pose3D


def transform_message_type() -> Any:
    """Return the type of messages on /tf; raises SettingError if tf2_msgs is not installed."""
    if TF_TYPE is None:
        raise SettingError(
            'person_frames is true, but the package tf2_msgs is not installed: install '
            'ros-$ROS_DISTRO-tf2-msgs, or set person_frames to false'
        )
    return TF_TYPE


def to_transforms(poses: Sequence[Pose3D], header: Header, prefix: str) -> Any:
    """
    Return a TFMessage with the frames of those people who have a track id and a known body.

    A frame is called `prefix` and the track id. Its origin is the body, and its axes are those of
    the frame of the header, which is the optical frame of the camera. Returns None if there is no
    such person, or if the image has no stamp or no frame_id.
    """
    located = [one for one in poses if one.track_id and np.isfinite(one.body).all()]
    if not located or not is_usable_by_tf2(header):
        return None
    return transform_message_type()(
        transforms=[
            to_transform(header, f'{prefix}{pose.track_id}', origin=pose.body.tolist())
            for pose in located
        ]
    )
