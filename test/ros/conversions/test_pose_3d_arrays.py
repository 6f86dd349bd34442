import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from std_msgs.msg import Header

from posenet_ros.msg import Pose3D as Pose3DMessage
from posenet_ros.msg import Pose3DArray
from posenet_ros.ros.conversions.pose_3d_arrays import Pose3DArrays
from posenet_ros.spatial.positions import Pose3D

POSITIONS = np.arange(51, dtype=np.float64).reshape(17, 3)
SCORES = np.linspace(0, 1, 17, dtype=np.float32)


def test_a_message_has_all_values_of_a_pose() -> None:
    pose = Pose3D(0.75, POSITIONS, SCORES, np.array([1.0, 2.0, 3.0]), track_id=7)
    header = Header(frame_id='lens')
    message = Pose3DArrays().convert([pose], header, (480, 640))
    assert message.header == header
    assert (message.image_width, message.image_height) == (640, 480)
    (sent,) = message.poses
    assert (sent.track_id, sent.score, sent.body_kind) == (7, 0.75, Pose3DMessage.BODY_TRUNK)
    assert (sent.body.x, sent.body.y, sent.body.z) == (1, 2, 3)
    for part, keypoint in enumerate(sent.keypoints):
        place = keypoint.position
        assert keypoint.id == part
        assert (place.x, place.y, place.z) == tuple(POSITIONS[part])
        assert keypoint.score == pytest.approx(SCORES[part])


def test_what_is_not_known_is_nan_and_says_so_on_the_wire() -> None:
    positions = POSITIONS.copy()
    positions[3] = np.nan
    pose = Pose3D(0.75, positions, SCORES, np.full(3, np.nan))
    message = Pose3DArrays().convert([pose], Header(), (480, 640))
    (sent,) = deserialize_message(serialize_message(message), Pose3DArray).poses
    unknown = [part for part, one in enumerate(sent.keypoints) if np.isnan(one.position.z)]
    assert unknown == [3]
    assert np.isnan([sent.body.x, sent.body.y, sent.body.z]).all()
    assert sent.body_kind == Pose3DMessage.BODY_UNKNOWN


def test_the_kind_of_the_body_is_the_ground_for_those_who_are_known_by_where_they_stand() -> None:
    unknown = np.full((17, 3), np.nan)
    pose = Pose3D(0.75, unknown, SCORES, np.array([1.0, 2.0, 3.0]))
    message = Pose3DArrays().convert([pose, pose], Header(), (4, 4), standing=[True, False])
    kinds = [one.body_kind for one in message.poses]
    assert kinds == [Pose3DMessage.BODY_ON_GROUND, Pose3DMessage.BODY_TRUNK]


def test_without_people_the_array_is_empty() -> None:
    assert Pose3DArrays().convert([], Header(), (1, 1)).poses == []


def test_a_message_has_nothing_of_the_one_before() -> None:
    unknown = Pose3D(0.5, np.full((17, 3), np.nan), SCORES * 0, np.full(3, np.nan))
    pose = Pose3D(0.75, POSITIONS, SCORES, np.array([1.0, 2.0, 3.0]), track_id=7)
    arrays = Pose3DArrays()
    arrays.convert([pose, pose], Header(frame_id='lens'), (480, 640))
    again = serialize_message(arrays.convert([unknown], Header(), (4, 6)))
    assert again == serialize_message(Pose3DArrays().convert([unknown], Header(), (4, 6)))
