"""
Where cameras are over the ground, from tf2.

tf2_ros is optional: only those who set `ground_frame` need it. Its Buffer gets no node, because it
would offer a service that nobody expects of this node, and its callback for jumps of simulated
time, which lacks the parameter self, would raise an exception (tf2_ros_py of Jazzy and Rolling).
So `GroundFrame` clears the buffer itself when stamps jump back.
"""

from collections.abc import Collection
from typing import Any

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.time import Time
from std_msgs.msg import Header

from posenet_ros.errors import CalibrationError, SettingError
from posenet_ros.messages.stamps import nanoseconds_of
from posenet_ros.quoting import quoted
from posenet_ros.spatial.ground import camera_pose, CameraPose
from posenet_ros.tracking.image_times import Continuity

try:
    import tf2_ros
except ImportError:  # there is no wheel of it
    tf2_ros = None

# Nanoseconds after a jump back in which transforms from before it may still arrive.
_AFTERWARDS = 2_000_000_000
# tf2 ignores transforms that are so many nanoseconds older than the newest one of their frame.
_IGNORED = 10_000_000_000
# More frames than any robot has cameras.
_MAX_FRAMES = 1000
# Images of several sizes may belong to one sequence.
_ANY_SIZE = 0, 0


class _OtherFrames:
    """
    A buffer of tf2 for its listener, without the frames of people that the node itself publishes.

    tf2 never forgets a frame, and keeps the transforms of its last 10 seconds. With a frame for
    each person, memory would grow for as long as the node runs.
    """

    def __init__(self, buffer: Any, prefixes: Collection[str]) -> None:
        """Pass transforms on to `buffer`, unless their frame is a prefix and a number."""
        self._buffer = buffer
        self._prefixes = prefixes

    def set_transform(self, transform: TransformStamped, authority: str) -> None:
        """Add a transform, as tf2_ros.Buffer does."""
        if not self._is_person(transform.child_frame_id):
            self._buffer.set_transform(transform, authority)

    def set_transform_static(self, transform: TransformStamped, authority: str) -> None:
        """Add a static transform, as tf2_ros.Buffer does."""
        self._buffer.set_transform_static(transform, authority)

    def _is_person(self, frame: str) -> bool:
        return any(
            frame.startswith(prefix) and frame.removeprefix(prefix).isdigit()
            for prefix in self._prefixes
        )


class GroundFrame:
    """Receives transforms, and tells where cameras are in the frame of the ground."""

    def __init__(
        self, node: Node, frame: str, *, person_frame_prefixes: Collection[str] = ()
    ) -> None:
        """
        Subscribe to transforms, except of people, whose frames start with these prefixes.

        Raises SettingError if tf2_ros is not installed.
        """
        if tf2_ros is None:
            raise SettingError(
                f'ground_frame is {quoted(frame)}, but the Python package tf2_ros is not '
                'installed: install ros-$ROS_DISTRO-tf2-ros-py, or leave ground_frame empty'
            )
        self._frame = frame
        self._buffer: Any = tf2_ros.Buffer()
        others = _OtherFrames(self._buffer, person_frame_prefixes)
        self._listener: Any = tf2_ros.TransformListener(others, node)
        # The stamps of the images of each frame.
        self._continuity: dict[str, Continuity] = {}
        # The first stamp after the last jump back in the images of each frame, in nanoseconds.
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
        if stamp <= 0:
            return  # the image has no stamp
        if len(self._continuity) > _MAX_FRAMES:
            self._continuity.clear()  # a faulty driver invents frames
            self._restarted.clear()
        if self._continuity.setdefault(frame, Continuity()).breaks(stamp / 1e9, _ANY_SIZE):
            self._buffer.clear()  # it would ignore transforms that are older than its newest ones
            self._restarted[frame] = stamp

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
