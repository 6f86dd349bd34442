from posenet_ros.estimation.doubles import without_doubles

SIMILAR, DIFFERENT = 0.9, 0.1
# The second pose is similar to the first, and the third to the second.
CHAIN = [[1, SIMILAR, DIFFERENT], [SIMILAR, 1, SIMILAR], [DIFFERENT, SIMILAR, 1]]


def test_of_similar_poses_the_one_with_the_highest_score_stays() -> None:
    similar = [[1, SIMILAR], [SIMILAR, 1]]
    assert without_doubles([0.4, 0.6], similar, max_people=5) == [1]


def test_different_poses_stay_in_descending_order_of_score() -> None:
    different = [[1, DIFFERENT], [DIFFERENT, 1]]
    assert without_doubles([0.4, 0.6], different, max_people=5) == [1, 0]


def test_a_suppressed_pose_suppresses_nobody() -> None:
    assert without_doubles([0.9, 0.8, 0.7], CHAIN, max_people=5) == [0, 2]


def test_equal_scores_stay_in_order() -> None:
    assert without_doubles([0.5, 0.5, 0.5], CHAIN, max_people=5) == [0, 2]


def test_the_people_with_the_highest_scores_stay_if_there_are_too_many() -> None:
    different = [[0.0] * 3] * 3
    assert without_doubles([0.4, 0.9, 0.6], different, max_people=2) == [1, 2]
