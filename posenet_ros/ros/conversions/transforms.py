"""
Messages on /tf.

tf2_msgs is optional: only those who publish frames need it.
"""

from collections.abc import Sequence
from typing import Any

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from std_msgs.msg import Header

from posenet_ros.messages.stamps import stamp_of

try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # there is no wheel of it
    TFMessage = None

#: The type of messages on /tf; None if tf2_msgs is not installed.
TF_TYPE: Any = TFMessage

_NO_ROTATION = (0.0, 0.0, 0.0, 1.0)


def is_usable_by_tf2(header: Header) -> bool:
    """
    Tell whether transforms with this header may be on /tf: whether it has a frame_id and a stamp.

    tf2 rejects a transform without a frame_id, with an error in the log of every listener. To
    tf2, a stamp of 0 means the newest transform instead of a time.
    """
    return bool(header.frame_id) and stamp_of(header) is not None


def to_transform(
    header: Header,
    child_frame: str,
    *,
    origin: Sequence[float],
    rotation: Sequence[float] = _NO_ROTATION,
) -> TransformStamped:
    """
    Return the transform from the frame of a header to `child_frame`.

    `origin` (x, y, z) is in metres, and `rotation` is a unit quaternion (x, y, z, w).
    """
    x, y, z = origin
    qx, qy, qz, qw = rotation
    return TransformStamped(
        header=header,
        child_frame_id=child_frame,
        transform=Transform(
            translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)
        ),
    )
