import numpy as np

from posenet_ros.poses import Pose


def test_a_pose_moves_its_keypoints_and_keeps_its_scores() -> None:
    pose = Pose(score=0.5, keypoints=np.zeros((17, 2)), keypoint_scores=np.ones(17, np.float32))
    moved = pose.at(np.ones((17, 2)))
    assert moved.score == 0.5
    assert moved.keypoint_scores is pose.keypoint_scores
    assert moved.keypoints.all()
    assert not pose.keypoints.any()
