"""Bodies without topics, and a person in metres whose orientation is known."""

from collections.abc import Iterable

from std_msgs.msg import Header

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.msg import Keypoint3D, Pose, Pose3D, Pose3DArray, PoseArray
from posenet_ros.ros.hri.bodies import Bodies
from posenet_ros.ros.hri.body import Body

_KNOWN = {
    'left_hip': (0.15, 0.0),
    'right_hip': (-0.15, 0.0),
    'left_shoulder': (0.2, -0.5),
    'right_shoulder': (-0.2, -0.5),
}


def positions(*track_ids: int, header: Header) -> Pose3DArray:
    """Return people 3 m in front of the camera, who face it."""
    keypoints = [Keypoint3D(id=part) for part in range(17)]
    for part, keypoint in zip(PART_NAMES, keypoints, strict=True):
        x, y = _KNOWN.get(part, (float('nan'), 0.0))
        keypoint.position.x, keypoint.position.y, keypoint.position.z = x, y, 3.0
    people = [Pose3D(track_id=one, score=0.8, keypoints=keypoints) for one in track_ids]
    return Pose3DArray(header=header, image_width=120, image_height=100, poses=people)


class MadeBody(Body):
    """A body that publishes nothing."""

    cropped_has_subscribers = False

    def __init__(self) -> None:
        """Open nothing."""

    def publish(self, pose: Pose, image: PoseArray) -> None:
        """Publish nothing."""


class MadeBodies(Bodies):
    """The bodies of one camera."""

    def __init__(self) -> None:
        """Start with nobody."""
        self.open: dict[int, MadeBody] = {}
        #: How many messages have arrived, and how often all bodies were closed.
        self.updates = self.closed = 0

    def find(self, camera: str, track_id: int) -> Body | None:
        """Return a body that is open."""
        return self.open.get(track_id)

    def of_camera(self, camera: str) -> list[Body]:
        """Return all bodies."""
        return list(self.open.values())

    def update(self, camera: str, track_ids: Iterable[int], header: Header) -> None:
        """Open the bodies of people who are new."""
        self.updates += 1
        for track_id in track_ids:
            self.open.setdefault(track_id, MadeBody())

    def close_all_of(self, camera: str) -> None:
        """Close all bodies."""
        self.closed += 1
        self.open.clear()
