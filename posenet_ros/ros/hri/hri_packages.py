"""
The packages of messages that hri_bodies needs.

Not every distribution has hri_msgs: Humble, Jazzy, Lyrical and Rolling do, Kilted does not. There
is no wheel of either package.
"""

from typing import Any

from rclpy.qos import qos_profile_system_default

from posenet_ros.errors import MissingDependencyError
from posenet_ros.ros.conversions.transforms import TF_TYPE

try:
    import hri_msgs.msg as hri_messages
except ImportError:
    hri_messages = None

#: The module of the messages of hri_msgs; None if that is not installed.
hri: Any = hri_messages

#: libhri subscribes with the default of the middleware, which differs between middlewares. With
#: the same on this side, both always fit.
HRI_QOS = qos_profile_system_default


def check_hri_packages() -> None:
    """Raise MissingDependencyError, with the remedy, if a package cannot be imported."""
    missing = [name for name, found in (('hri_msgs', hri), ('tf2_msgs', TF_TYPE)) if not found]
    if missing:
        packages = ' and '.join(missing)
        debs = ' '.join(f'ros-$ROS_DISTRO-{name.replace("_", "-")}' for name in missing)
        raise MissingDependencyError(
            f'hri_bodies needs {packages}, which cannot be imported: install {debs}; Kilted has '
            'no hri_msgs, so build its sources in your workspace there (ros4hri/hri_msgs, branch '
            'humble-devel), and source the workspace'
        )
