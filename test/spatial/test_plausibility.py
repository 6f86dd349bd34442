from depth_scenes import make_scene
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.keypoints import NUM_PARTS, PART_NAMES
from posenet_ros.spatial.plausibility import plausible

WRIST, HIP = PART_NAMES.index('left_wrist'), PART_NAMES.index('right_hip')


@pytest.fixture
def joints() -> NDArray[np.float64]:
    """Return the true positions of one person, float64 [1, 17, 3]."""
    return make_scene('arms spread', 2.0, 0, noise=False).joints


def removed(joints: NDArray[np.float64]) -> list[int]:
    """Return the parts of the first person that are not plausible."""
    return [int(part) for part in np.nonzero(~plausible(joints)[0])[0]]


def test_a_real_person_is_plausible(joints: NDArray[np.float64]) -> None:
    assert removed(joints) == []


@pytest.mark.parametrize('part', range(NUM_PARTS))
@pytest.mark.parametrize('shift', [-1.0, 1.5])
def test_only_the_keypoint_that_is_far_away_is_removed(
    joints: NDArray[np.float64], part: int, shift: float
) -> None:
    joints[0, part, 2] += shift
    assert removed(joints) == [part]


def test_two_keypoints_on_the_wall_are_removed_though_they_agree(
    joints: NDArray[np.float64],
) -> None:
    joints[0, [WRIST, WRIST - 2], 2] += 2.0  # and the elbow
    assert removed(joints) == [WRIST - 2, WRIST]


def test_small_errors_are_plausible(joints: NDArray[np.float64]) -> None:
    assert removed(joints + np.random.default_rng(0).normal(0, 0.02, joints.shape)) == []


def test_of_two_keypoints_that_contradict_each_other_only_one_is_removed(
    joints: NDArray[np.float64],
) -> None:
    joints[0, [i for i in range(NUM_PARTS) if i not in (WRIST, HIP)]] = np.nan
    joints[0, WRIST, 2] += 3.0
    assert len(removed(joints)) == NUM_PARTS - 1


@pytest.mark.filterwarnings('error')
def test_an_unknown_position_is_not_plausible_and_contradicts_nothing(
    joints: NDArray[np.float64],
) -> None:
    joints[0, WRIST] = np.nan
    assert removed(joints) == [WRIST]


def test_each_person_is_judged_alone(joints: NDArray[np.float64]) -> None:
    wrong = joints.copy()
    wrong[0, WRIST, 2] += 2.0
    known = plausible(np.concatenate([joints, wrong, joints + 10.0]))
    np.testing.assert_array_equal(known.sum(axis=1), [17, 16, 17])


def test_nobody_gives_an_empty_array() -> None:
    assert plausible(np.zeros((0, 17, 3))).shape == (0, 17)
