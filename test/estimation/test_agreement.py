from made_heads import standing_person
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.estimation.agreement import Agreement, compare, nearest_distances
from posenet_ros.posenet.network import PoseNet
from posenet_ros.poses import Pose

ONE = np.ones(2)


def person(x: float = 100, *, score: float = 0.9) -> Pose:
    scores = np.full(17, score, np.float32)
    return Pose(score=score, keypoints=standing_person(x, 50), keypoint_scores=scores)


def test_the_nearest_other_pose_counts() -> None:
    np.testing.assert_allclose(nearest_distances(person(), [person(130), person(103)], ONE), 3.0)


def test_distances_are_in_pixels_of_the_network_input() -> None:
    distances = nearest_distances(person(), [person(106)], np.array([2.0, 5.0]))
    np.testing.assert_allclose(distances, 3.0)


def test_only_keypoints_with_a_score_over_one_half_count() -> None:
    pose = person()
    pose.keypoint_scores[3:] = 0.5
    assert nearest_distances(pose, [person()], ONE).shape == (3,)
    assert nearest_distances(person(score=0.5), [person()], ONE).shape == (0,)


def test_without_another_pose_all_distances_are_infinite() -> None:
    assert np.isinf(nearest_distances(person(), [], ONE)).all()


def test_an_agreement_has_a_median_and_the_share_within_a_distance() -> None:
    found = Agreement(np.array([0.0, 1.0, 2.0, np.inf]))
    assert found.median == 1.5
    assert found.share_within(1.0) == 0.5


@pytest.mark.parametrize('sizes', [['257x257'], ['257x257', '193x257']])
def test_a_network_is_compared_at_every_input_size(
    network_075: PoseNet, astronaut: NDArray[np.uint8], sizes: list[str]
) -> None:
    found = compare(network_075, network_075, [astronaut], sizes)
    assert found.distances.size >= 5 * len(sizes)
    assert not found.distances.any()


def test_pictures_of_nobody_give_no_distances(network_075: PoseNet) -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    assert compare(network_075, network_075, [picture], ['65x65']).distances.size == 0
