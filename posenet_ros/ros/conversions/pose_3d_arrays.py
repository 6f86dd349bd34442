"""
Conversion of poses in metres to Pose3DArray messages.

Creating objects of rclpy's message classes takes several times as long as setting their fields: a
Keypoint3D creates a Point for itself even if it is given one. So the objects are created once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from geometry_msgs.msg import Point
import numpy as np
from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.spatial.positions import Pose3D


@dataclass(frozen=True, eq=False)
class _Person:
    """The message of one person, and the parts of it that change."""

    message: msg.Pose3D
    keypoints: list[tuple[msg.Keypoint3D, Point]]
    body: Point


class Pose3DArrays:
    """
    Converts the poses in the images of one camera.

    The messages share their memory: publish each before the next one is converted. Not for use in
    several threads at once.
    """

    def __init__(self) -> None:
        """Create a message without people."""
        self._message = msg.Pose3DArray()
        self._people: list[_Person] = []

    def convert(
        self,
        poses: Sequence[Pose3D],
        header: Header,
        image_size: Size,
        *,
        standing: Sequence[bool] = (),
    ) -> msg.Pose3DArray:
        """
        Return the poses in an image of (height, width) as a message with the image's header.

        `standing` tells for each person whether the body is where the person stands, and not the
        middle of the trunk. If it is empty, that is true for nobody.
        """
        on_ground = standing or [False] * len(poses)
        while len(self._people) < len(poses):
            self._people.append(_new_person())
        people = self._people[: len(poses)]
        for person, pose, stands in zip(people, poses, on_ground, strict=True):
            _set(person, pose, msg.Pose3D.BODY_ON_GROUND if stands else msg.Pose3D.BODY_TRUNK)
        message = self._message
        message.header = header
        message.image_height, message.image_width = image_size
        message.poses = [person.message for person in people]
        return message


def _new_person() -> _Person:
    message = msg.Pose3D(keypoints=[msg.Keypoint3D(id=part) for part in range(NUM_PARTS)])
    return _Person(message, [(one, one.position) for one in message.keypoints], message.body)


def _set(person: _Person, pose: Pose3D, body_kind: int) -> None:
    """Set all fields of a person's message to those of a pose."""
    message = person.message
    message.track_id, message.score = pose.track_id, pose.score
    values = zip(
        person.keypoints, pose.positions.tolist(), pose.keypoint_scores.tolist(), strict=True
    )
    for (keypoint, point), (x, y, z), score in values:
        point.x, point.y, point.z = x, y, z
        keypoint.score = score
    person.body.x, person.body.y, person.body.z = pose.body.tolist()
    known = bool(np.isfinite(pose.body).all())
    message.body_kind = body_kind if known else msg.Pose3D.BODY_UNKNOWN
