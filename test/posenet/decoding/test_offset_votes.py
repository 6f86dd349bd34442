import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.posenet.decoding.offset_votes import refine_keypoints
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose

Array = NDArray[np.float64]

# The grid, and the position of all parts, (y, x).
GRID, TRUTH = (5, 7), np.array([30.0, 52.0])


def heads_with_errors(errors: Array, scores: float | Array = 0.5) -> Heads:
    """Return heads whose cells predict the true position, plus errors [2, 5, 7]: y, then x."""
    cells = np.indices(GRID) * 16.0
    offsets = TRUTH[:, None, None] - cells + errors
    return Heads(
        np.broadcast_to(np.float32(scores), (17, *GRID)),
        np.repeat(offsets, 17, axis=0).astype(np.float32),
        np.zeros((32, *GRID), np.float32),
        np.zeros((32, *GRID), np.float32),
        output_stride=16,
    )


def pose_at(y: float, x: float) -> Pose:
    return Pose(0.5, np.tile((x, y), (17, 1)), np.full(17, 0.5, np.float32))


def refined(heads: Heads, pose: Pose) -> Array:
    """Return the (y, x) of the nose."""
    (found,) = refine_keypoints(heads, [pose])
    return found.keypoints[0, ::-1]


def test_where_all_cells_agree_a_keypoint_lies_where_they_say() -> None:
    heads = heads_with_errors(np.zeros((2, *GRID)))
    np.testing.assert_allclose(refined(heads, pose_at(*TRUTH)), TRUTH)
    np.testing.assert_allclose(refined(heads, pose_at(*TRUTH + 3)), TRUTH)


def test_errors_of_single_cells_mostly_cancel_out() -> None:
    rng = np.random.default_rng(0)
    before, after = [], []
    for _ in range(50):
        errors = rng.normal(size=(2, *GRID))
        start = TRUTH + errors[:, 2, 3]  # as the nearest cell says
        before.append(np.linalg.norm(start - TRUTH))
        after.append(np.linalg.norm(refined(heads_with_errors(errors), pose_at(*start)) - TRUTH))
    assert np.mean(after) < np.mean(before) / 2


def test_predictions_that_lie_far_off_do_not_count() -> None:
    errors = np.zeros((2, *GRID))
    errors[:, :, 4:] = 40
    np.testing.assert_allclose(refined(heads_with_errors(errors), pose_at(*TRUTH)), TRUTH)


def test_cells_with_higher_scores_count_more() -> None:
    errors, scores = np.zeros((2, *GRID)), np.full(GRID, 0.1)
    errors[1, :, 4:], scores[:, 4:] = 6, 0.9
    assert refined(heads_with_errors(errors, scores), pose_at(*TRUTH))[1] > TRUTH[1] + 5


def test_a_keypoint_for_which_no_prediction_counts_stays() -> None:
    heads = heads_with_errors(np.zeros((2, *GRID)))
    np.testing.assert_array_equal(refined(heads, pose_at(5, 100)), (5, 100))


@pytest.mark.parametrize('place', [(-30.0, -30.0), (500.0, 500.0)])
def test_keypoints_outside_the_input_are_refined_at_the_nearest_cell(
    place: tuple[float, float],
) -> None:
    heads = heads_with_errors(np.zeros((2, *GRID)))
    assert np.isfinite(refined(heads, pose_at(*place))).all()


def test_scores_stay() -> None:
    pose = pose_at(*TRUTH)
    (found,) = refine_keypoints(heads_with_errors(np.zeros((2, *GRID))), [pose])
    assert found.score == pose.score
    assert found.keypoint_scores is pose.keypoint_scores


def test_no_poses_stay_none() -> None:
    assert refine_keypoints(heads_with_errors(np.zeros((2, *GRID))), []) == []


def test_the_given_poses_stay_as_they_are() -> None:
    pose = pose_at(*TRUTH + 3)
    before = pose.keypoints.copy()
    refine_keypoints(heads_with_errors(np.zeros((2, *GRID))), [pose])
    np.testing.assert_array_equal(pose.keypoints, before)
