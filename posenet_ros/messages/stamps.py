"""The stamps of messages."""

from posenet_ros.messages.message_types import Header


def nanoseconds_of(header: Header) -> int:
    """Return the stamp of a message in nanoseconds; it may be negative."""
    # rclpy's Time.from_msg would raise an exception for a negative stamp.
    return int(header.stamp.sec * 10**9 + header.stamp.nanosec)
