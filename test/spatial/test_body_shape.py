from depth_scenes import make_scene
import numpy as np
import pytest

from posenet_ros.keypoints import PART_NAMES, SKELETON
from posenet_ros.spatial.body_shape import HALF_WIDTHS, JOINT_DEPTHS, MAX_DISTANCES


def part(name: str) -> int:
    return PART_NAMES.index(name)


def test_the_largest_distance_is_the_same_both_ways_and_on_both_sides() -> None:
    np.testing.assert_array_equal(MAX_DISTANCES, MAX_DISTANCES.T)
    mirrored = [
        part(name.replace('left', '*').replace('right', 'left').replace('*', 'right'))
        for name in PART_NAMES
    ]
    np.testing.assert_allclose(MAX_DISTANCES, MAX_DISTANCES[mirrored][:, mirrored])


def test_every_part_has_a_way_to_every_other_one() -> None:
    assert np.isfinite(MAX_DISTANCES).all()
    assert (MAX_DISTANCES[~np.eye(17, dtype=bool)] > 0.05).all()


def test_a_limb_is_at_most_as_long_as_that_of_a_tall_person() -> None:
    assert max(MAX_DISTANCES[first, second] for first, second in SKELETON) < 0.6
    assert MAX_DISTANCES[part('left_elbow'), part('left_wrist')] == pytest.approx(0.292)


def test_a_distance_along_two_limbs_is_their_sum() -> None:
    shoulder, elbow, wrist = (part(f'right_{name}') for name in ('shoulder', 'elbow', 'wrist'))
    along = MAX_DISTANCES[shoulder, elbow] + MAX_DISTANCES[elbow, wrist]
    assert MAX_DISTANCES[shoulder, wrist] == pytest.approx(along)


def test_people_of_usual_size_are_possible() -> None:
    for seed in range(3):
        (joints,) = make_scene('walking', 2.0, seed, noise=False).joints
        lengths = np.linalg.norm(joints[:, np.newaxis] - joints, axis=2)
        assert (lengths <= MAX_DISTANCES).all()


def test_every_part_has_a_width_and_joints_are_below_the_skin() -> None:
    assert (HALF_WIDTHS > 0.02).all()
    assert JOINT_DEPTHS[part('nose')] == 0
    assert (JOINT_DEPTHS[5:] > 0.02).all()
