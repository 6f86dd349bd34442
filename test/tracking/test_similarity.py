from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.poses import Pose
from posenet_ros.tracking.people import gather
from posenet_ros.tracking.similarity import (
    close_pairs,
    second_poses,
    shared_keypoints,
    similarities,
)


def compare(pose: Pose, track: Pose, uncertainty: float = 0.0) -> float:
    found = gather([pose, track])
    ((_, value),) = similarities(
        found.people,
        1,
        sizes=found.sizes,
        uncertainties=[(0.0, 0.0), (uncertainty, uncertainty)],
    ).values
    return value


def test_a_pose_is_fully_similar_to_itself() -> None:
    assert compare(pose_at(50), pose_at(50)) == pytest.approx(1)


def test_similarity_falls_with_the_distance() -> None:
    values = [compare(pose_at(50 + distance), pose_at(50)) for distance in (0, 3, 10, 30, 100)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < 0.01


def test_both_axes_count_alike() -> None:
    aside, below = pose_at(56), pose_at(50, y=106)
    assert compare(aside, pose_at(50)) == pytest.approx(compare(below, pose_at(50)))


def test_similarity_does_not_depend_on_the_scale() -> None:
    small = compare(pose_at(56), pose_at(50))
    large = compare(
        pose_at(56).at(pose_at(56).keypoints * 5), pose_at(50).at(pose_at(50).keypoints * 5)
    )
    assert large == pytest.approx(small, abs=0.02)


def test_keypoints_with_a_low_score_in_one_pose_do_not_count() -> None:
    moved = pose_at(50)
    moved.keypoints[9] += 500
    moved.keypoint_scores[9] = 0.2
    assert compare(moved, pose_at(50)) == pytest.approx(1)


def test_poses_with_fewer_than_four_common_keypoints_are_not_similar() -> None:
    hidden = pose_at(50)
    hidden.keypoint_scores[3:] = 0.1
    assert compare(hidden, pose_at(50)) == 0


def test_an_uncertain_position_tolerates_larger_distances() -> None:
    assert compare(pose_at(80), pose_at(50), 40) > 5 * compare(pose_at(80), pose_at(50))


def test_nobody_is_similar_to_nobody() -> None:
    assert similarities(gather([]).people, 0, sizes=[], uncertainties=[]).values == []


def test_a_small_person_is_not_similar_to_a_large_one_at_the_same_place() -> None:
    large = pose_at(50).at((pose_at(50).keypoints - (50, 150)) * 2.5 + (50, 150))
    assert compare(pose_at(50), large) == pytest.approx(compare(large, pose_at(50)))
    assert compare(pose_at(50), large) < 0.2


def test_poses_that_are_apart_are_not_close_pairs() -> None:
    assert close_pairs([[1.0, 0.0, 0.9], [0.0, 1.0, 0.9]], [0.8, 0.6]) == []


def test_the_pose_with_the_lower_score_is_the_first_one_of_a_close_pair() -> None:
    similar = [[1.0, 0.3, 0.0], [0.3, 1.0, 0.1], [0.0, 0.1, 1.0]]
    assert close_pairs(similar, [0.6, 0.8, 0.4]) == [(0, 1), (2, 1)]


def test_a_keypoint_that_two_poses_share_belongs_to_the_one_with_the_higher_score() -> None:
    front, behind = pose_at(50), pose_at(80)
    behind.keypoints[:6] = front.keypoints[:6] + 1
    found = gather([behind, front])
    similar = similarities(
        found.people, 2, sizes=found.sizes, uncertainties=[(0.0, 0.0), (0.0, 0.0)]
    )
    shared = shared_keypoints(found.people, similar, close_pairs(similar.values, [0.5, 0.8]))
    people = found.people.without(shared)
    assert list(shared) == [0]
    assert people.visible.tolist() == [[False] * 6 + [True] * 11, [True] * 17]


def test_keypoints_that_are_hidden_do_not_count() -> None:
    moved = pose_at(50)
    moved.keypoints[:6] += 500
    found = gather([moved, pose_at(50)])
    similar = similarities(found.people, 1, sizes=[50.0, 50.0], uncertainties=[(0.0, 0.0)] * 2)
    visible = np.array([[False] * 6 + [True] * 11])
    assert similar.values == [pytest.approx([1, 11 / 17], abs=1e-6)]
    assert similar.with_visible(visible) == [pytest.approx([1, 1], abs=1e-6)]


def test_a_pose_that_is_nearly_that_of_a_better_one_is_a_second_pose() -> None:
    similar = [[1.0, 0.9, 0.5], [0.9, 1.0, 0.5], [0.5, 0.5, 1.0]]
    for scores, second in (([0.8, 0.6, 0.4], {1}), ([0.8, 0.6, 0.1], {1, 2})):
        assert second_poses(similar, scores, close_pairs(similar, scores)) == second
