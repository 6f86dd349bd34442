import numpy as np
import pytest
from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.messages.pose_arrays import to_pose_array
from posenet_ros.poses import Pose


def test_a_message_has_all_values_of_a_pose() -> None:
    keypoints = np.arange(34, dtype=np.float64).reshape(17, 2)
    scores = np.linspace(0, 1, 17, dtype=np.float32)
    pose = Pose(score=0.75, keypoints=keypoints, keypoint_scores=scores, track_id=7)
    header = Header(frame_id='lens')
    message = to_pose_array([pose], header, (480, 640), types=msg)
    assert message.header == header
    assert (message.image_width, message.image_height) == (640, 480)
    (sent,) = message.poses
    assert isinstance(sent, msg.Pose)
    assert (sent.track_id, sent.score) == (7, 0.75)
    for part, keypoint in enumerate(sent.keypoints):
        assert keypoint.id == part
        assert (keypoint.x, keypoint.y) == tuple(keypoints[part])
        assert keypoint.score == pytest.approx(scores[part])


def test_a_message_has_the_box_of_the_pose() -> None:
    keypoints, scores = np.full((17, 2), 300.0), np.zeros(17, np.float32)
    keypoints[:2], scores[:2] = [(100, 100), (130, 140)], 0.9
    pose = Pose(score=0.75, keypoints=keypoints, keypoint_scores=scores)
    (sent,) = to_pose_array([pose], Header(), (480, 640), types=msg).poses
    assert (sent.x_min, sent.y_min, sent.x_max, sent.y_max) == (96, 96, 134, 144)


def test_a_box_that_is_not_known_is_nan() -> None:
    pose = Pose(0.75, np.zeros((17, 2)), np.zeros(17, np.float32))
    (sent,) = to_pose_array([pose], Header(), (480, 640), types=msg).poses
    assert np.isnan([sent.x_min, sent.y_min, sent.x_max, sent.y_max]).all()


def test_without_people_the_array_is_empty() -> None:
    assert to_pose_array([], Header(), (1, 1), types=msg).poses == []


@pytest.mark.parametrize('part', PART_NAMES)
def test_the_constants_of_the_message_are_the_part_ids_of_the_library(part: str) -> None:
    assert getattr(msg.Keypoint, part.upper()) == PART_NAMES.index(part)
