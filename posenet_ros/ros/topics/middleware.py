"""The middleware that ROS 2 uses."""

from rclpy.utilities import get_rmw_implementation_identifier


def is_fast_dds() -> bool:
    """Return whether the middleware is Fast DDS, about which this package knows more."""
    return 'fastrtps' in get_rmw_implementation_identifier()
