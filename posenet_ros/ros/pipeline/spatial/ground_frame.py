"""
Where cameras are over the ground, from tf2.

tf2_ros is optional: only those who set `ground_frame` need it. Its Buffer gets no node, because it
would offer a service that nobody expects of this node, and its callback for jumps of simulated
time, which lacks the parameter self, would raise an exception (tf2_ros_py of Jazzy and Rolling).
So `GroundFrame` clears the buffer itself when stamps jump back.
"""

from typing import Any

from rclpy.node import Node
from rclpy.time import Time
from std_msgs.msg import Header

from posenet_ros.errors import CalibrationError, SettingError
from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.quoting import quoted
from posenet_ros.spatial.ground import camera_pose, CameraPose

try:
    import tf2_ros
except ImportError:  # there is no wheel of it
    tf2_ros = None

# Nanoseconds by which an image may be older than the newest one; others begin a new sequence.
_OVERTAKEN = 200_000_000
# Nanoseconds after a jump back in which transforms from before it may still arrive.
_AFTERWARDS = 2_000_000_000
# tf2 ignores transforms that are so many nanoseconds older than the newest one of their frame.
_IGNORED = 10_000_000_000
# More frames than any robot has cameras.
_MAX_FRAMES = 1000


class GroundFrame:
    """Receives transforms, and tells where cameras are in the frame of the ground."""

    def __init__(self, node: Node, frame: str) -> None:
        """Subscribe to transforms; raises SettingError if tf2_ros is not installed."""
        if tf2_ros is None:
            raise SettingError(
                f'ground_frame is {quoted(frame)}, but the Python package tf2_ros is not '
                'installed: install ros-$ROS_DISTRO-tf2-ros-py, or leave ground_frame empty'
            )
        self._frame = frame
        self._buffer: Any = tf2_ros.Buffer()
        self._listener: Any = tf2_ros.TransformListener(self._buffer, node)
        # The newest stamp of the images of each frame, in nanoseconds.
        self._newest: dict[str, int] = {}
        # The first stamp after the last jump back, in the same way.
        self._restarted: dict[str, int] = {}

    def close(self) -> None:
        """Unsubscribe."""
        self._listener.unregister()

    def camera_pose(self, header: Header) -> CameraPose:
        """
        Return where the camera was when it took the image with this header.

        Raises CalibrationError if no transform says so for that time.
        """
        stamp = nanoseconds_of(header)
        self._note(header.frame_id, stamp)
        try:
            found = self._look_up(header.frame_id, stamp)
        except tf2_ros.TransformException as error:
            if self._has_old_transforms(header.frame_id, stamp):
                self._buffer.clear()
            raise CalibrationError(
                f'there is no transform from {quoted(header.frame_id)} to ground_frame '
                f'{quoted(self._frame)} at the time of the image: {error}'
            ) from error
        turn, shift = found.transform.rotation, found.transform.translation
        return camera_pose((turn.x, turn.y, turn.z, turn.w), (shift.x, shift.y, shift.z))

    def _look_up(self, frame: str, stamp: int) -> Any:
        time = Time(nanoseconds=max(0, stamp))
        return self._buffer.lookup_transform_core(self._frame, frame, time)

    def _note(self, frame: str, stamp: int) -> None:
        """Note the stamp of an image; clear the buffer if stamps have jumped back."""
        if len(self._newest) > _MAX_FRAMES:
            self._newest.clear()  # a faulty driver invents frames
            self._restarted.clear()
        newest = self._newest.get(frame, 0)
        if stamp < newest - _OVERTAKEN:
            self._buffer.clear()  # it would ignore transforms that are older than its newest ones
            self._restarted[frame] = stamp
            newest = 0
        self._newest[frame] = max(newest, stamp)

    def _has_old_transforms(self, frame: str, stamp: int) -> bool:
        """Return whether the buffer has transforms from before a jump back."""
        restarted = self._restarted.get(frame)
        if restarted is None or stamp > restarted + _AFTERWARDS:
            return False
        try:
            newest = self._look_up(frame, 0)  # 0 means the newest one
        except tf2_ros.TransformException:
            return False
        return nanoseconds_of(newest.header) > stamp + _IGNORED
