"""
What the conversions need of messages.

The messages of rclpy have these fields, and so have those of the library rosbags, which reads and
writes recordings without ROS. The conversions use nothing else, so both get the same results.
"""

from typing import Any, Protocol


class Stamp(Protocol):
    """A builtin_interfaces/Time."""

    sec: int
    nanosec: int


class Header(Protocol):
    """A std_msgs/Header."""

    stamp: Any
    frame_id: str


class RawImage(Protocol):
    """A sensor_msgs/Image."""

    header: Any
    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    #: Bytes: anything with a length and the buffer protocol.
    data: Any


class CompressedImage(Protocol):
    """A sensor_msgs/CompressedImage."""

    header: Any
    format: str  # noqa: A003
    #: Bytes: anything with a length and the buffer protocol.
    data: Any


class PoseTypes(Protocol):
    """The types of our messages: the module `posenet_ros.msg`, or those of another library."""

    @property
    def Keypoint(self) -> Any:  # noqa: N802
        """Return the type of posenet_ros/Keypoint."""

    @property
    def Pose(self) -> Any:  # noqa: N802
        """Return the type of posenet_ros/Pose."""

    @property
    def PoseArray(self) -> Any:  # noqa: N802
        """Return the type of posenet_ros/PoseArray."""
