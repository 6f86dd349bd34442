"""The stamps of messages."""

from posenet_ros.messages.message_types import Header


def nanoseconds_of(header: Header) -> int:
    """Return the stamp of a message in nanoseconds; it may be negative."""
    # rclpy's Time.from_msg would raise an exception for a negative stamp.
    return int(header.stamp.sec * 10**9 + header.stamp.nanosec)


def stamp_of(header: Header) -> float | None:
    """Return the stamp of a message in seconds; None if it has none: if it is not positive."""
    nanoseconds = nanoseconds_of(header)
    return nanoseconds / 1e9 if nanoseconds > 0 else None
