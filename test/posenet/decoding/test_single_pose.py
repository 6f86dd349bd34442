from golden import Case, CASES_WITH_HEADS
from made_heads import arrays, heads_of, standing_person
import numpy as np
import pytest

from posenet_ros.posenet.decoding.single_pose import decode_single_pose
from posenet_ros.posenet.heads import Heads


@pytest.mark.parametrize('case', CASES_WITH_HEADS.values(), ids=CASES_WITH_HEADS)
def test_heads_of_the_reference_give_its_pose(case: Case) -> None:
    pose = decode_single_pose(case.heads())
    expected = case.figures['decoded_single']
    rows = np.array(expected['keypoints'])
    assert pose.score == pytest.approx(expected['score'], abs=1e-3)
    np.testing.assert_allclose(pose.keypoints, rows[:, :2], atol=1e-3)
    np.testing.assert_allclose(pose.keypoint_scores, rows[:, 2], atol=1e-3)


def test_each_keypoint_is_where_its_best_cell_points() -> None:
    person = standing_person(120, 80)
    pose = decode_single_pose(heads_of([person]))
    np.testing.assert_allclose(pose.keypoints, person, atol=1e-4)
    assert pose.score == pytest.approx(0.9)


def test_among_equal_scores_the_first_cell_in_reading_order_wins() -> None:
    made = arrays(3, 4)
    made['heatmap_scores'][:, 1, 2] = made['heatmap_scores'][:, 1, 3] = 0.7
    made['heatmap_scores'][:, 2, 0] = 0.7
    pose = decode_single_pose(Heads(**made, output_stride=16))
    np.testing.assert_array_equal(pose.keypoints, [(32, 16)] * 17)
