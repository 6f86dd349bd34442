from made_heads import heads_of, standing_person
import numpy as np

from posenet_ros.posenet.decoding.decoding_method import decode_poses
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.decoding.single_pose import decode_single_pose
from posenet_ros.settings import PoseSettings

PEOPLE = [standing_person(40, 40, 50), standing_person(120, 40, 50), standing_person(200, 40, 50)]
HEADS = heads_of(PEOPLE, scores=[0.7, 0.9, 0.8])


def test_single_person_always_gives_one_pose() -> None:
    settings = PoseSettings(decoding_method='single_person', score_threshold=1.0)
    (pose,) = decode_poses(HEADS, settings)
    np.testing.assert_array_equal(pose.keypoints, decode_single_pose(HEADS).keypoints)


def test_multi_person_gives_everybody() -> None:
    poses = decode_poses(HEADS, PoseSettings())
    expected = decode_multiple_poses(
        HEADS, max_pose_detections=5, score_threshold=0.5, nms_radius=20.0
    )
    assert len(poses) == 3
    for pose, other in zip(poses, expected, strict=True):
        np.testing.assert_array_equal(pose.keypoints, other.keypoints)


def test_every_setting_of_multi_person_has_an_effect() -> None:
    assert len(decode_poses(HEADS, PoseSettings(max_pose_detections=2))) == 2
    assert len(decode_poses(HEADS, PoseSettings(score_threshold=0.85))) == 1
    assert len(decode_poses(HEADS, PoseSettings(nms_radius=100))) == 1
