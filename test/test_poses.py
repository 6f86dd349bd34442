import numpy as np

from posenet_ros.poses import Pose


def test_a_pose_moves_its_keypoints_and_keeps_its_scores() -> None:
    pose = Pose(score=0.5, keypoints=np.zeros((17, 2)), keypoint_scores=np.ones(17, np.float32))
    moved = pose.at(np.ones((17, 2)))
    assert moved.score == 0.5
    assert moved.keypoint_scores is pose.keypoint_scores
    assert moved.keypoints.all()
    assert not pose.keypoints.any()


def test_a_pose_is_mirrored_at_the_middle_of_the_image() -> None:
    keypoints = np.full((17, 2), (10.0, 30.0))
    pose = Pose(score=0.5, keypoints=keypoints, keypoint_scores=np.ones(17, np.float32))
    assert pose.mirrored(100).keypoints.tolist() == [[89, 30]] * 17


def test_a_pose_with_another_score_stays_where_it_is_and_keeps_its_number() -> None:
    scores = np.ones(17, np.float32)
    pose = Pose(score=0.5, keypoints=np.zeros((17, 2)), keypoint_scores=scores, track_id=3)
    scored = pose.with_score(0.25)
    assert (scored.score, scored.track_id) == (0.25, 3)
    assert scored.keypoints is pose.keypoints
    assert scored.keypoint_scores is scores
