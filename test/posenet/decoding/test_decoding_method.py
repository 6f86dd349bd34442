from made_heads import arrays, heads_of, standing_person, STRIDE
import numpy as np
import pytest

from posenet_ros.posenet.decoding.decoding_method import decode_poses
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.posenet.decoding.single_pose import decode_single_pose
from posenet_ros.posenet.heads import Heads
from posenet_ros.settings import PoseSettings

PEOPLE = [standing_person(40, 40, 50), standing_person(120, 40, 50), standing_person(200, 40, 50)]
HEADS = heads_of(PEOPLE, scores=[0.7, 0.9, 0.8])


def test_single_person_gives_one_pose_whatever_the_score_threshold() -> None:
    settings = PoseSettings(decoding_method='single_person', score_threshold=1.0)
    (pose,) = decode_poses(HEADS, settings)
    np.testing.assert_array_equal(pose.keypoints, decode_single_pose(HEADS).keypoints)


def test_an_empty_room_has_nobody_for_both_methods() -> None:
    room = Heads(**arrays(), output_stride=STRIDE)
    for method in ('single_person', 'multi_person'):
        assert decode_poses(room, PoseSettings(decoding_method=method)) == []


def test_single_person_gives_a_pose_in_an_empty_room_if_every_score_is_enough() -> None:
    room = Heads(**arrays(), output_stride=STRIDE)
    settings = PoseSettings(decoding_method='single_person', min_pose_score=0.0)
    assert len(decode_poses(room, settings)) == 1


@pytest.mark.parametrize('method', ['single_person', 'multi_person'])
def test_a_pose_scores_at_least_the_minimum(method: str) -> None:
    heads = heads_of(PEOPLE[:1], scores=[0.75])
    found = [
        len(decode_poses(heads, PoseSettings(decoding_method=method, min_pose_score=minimum)))
        for minimum in (0.75, 0.76)
    ]
    assert found == [1, 0]


def test_multi_person_gives_everybody() -> None:
    poses = decode_poses(HEADS, PoseSettings())
    expected = decode_multiple_poses(
        HEADS, max_pose_detections=5, score_threshold=0.5, nms_radius=20.0, min_pose_score=0.15
    )
    assert len(poses) == 3
    for pose, other in zip(poses, expected, strict=True):
        np.testing.assert_array_equal(pose.keypoints, other.keypoints)


def test_every_setting_of_multi_person_has_an_effect() -> None:
    assert len(decode_poses(HEADS, PoseSettings(max_pose_detections=2))) == 2
    assert len(decode_poses(HEADS, PoseSettings(score_threshold=0.85))) == 1
    assert len(decode_poses(HEADS, PoseSettings(nms_radius=100))) == 1
    assert len(decode_poses(HEADS, PoseSettings(min_pose_score=0.75))) == 2
