import pytest

from posenet_ros.estimation.doubles import suppress_doubles

SAME, SIMILAR, DIFFERENT = 0.9, 0.4, 0.0
# The second pose is the same person as the first, and the third as the second.
CHAIN = [[1, SAME, DIFFERENT], [SAME, 1, SAME], [DIFFERENT, SAME, 1]]


def suppress(
    scores: list[float],
    similarities: list[list[float]],
    *,
    max_people: int = 5,
    min_score: float = 0.0,
) -> list[tuple[int, float]]:
    kept = suppress_doubles(scores, similarities, max_people=max_people, min_score=min_score)
    return list(kept.items())


def pair(similarity: float) -> list[list[float]]:
    return [[1, similarity], [similarity, 1]]


def test_of_poses_of_one_person_the_one_with_the_highest_score_stays() -> None:
    assert suppress([0.4, 0.6], pair(SAME)) == [(1, 0.6)]


def test_different_poses_stay_in_descending_order_of_score() -> None:
    assert suppress([0.4, 0.6], pair(DIFFERENT)) == [(1, 0.6), (0, 0.4)]


def test_a_similar_pose_scores_less_the_more_similar_it_is() -> None:
    better, worse = suppress([0.5, 0.6], pair(SIMILAR))
    assert better == (1, 0.6)
    assert worse[1] == pytest.approx(0.3)


def test_a_score_is_reduced_by_the_most_similar_of_the_better_poses() -> None:
    similar = [[1, DIFFERENT, 0.2], [DIFFERENT, 1, SIMILAR], [0.2, SIMILAR, 1]]
    assert suppress([0.9, 0.8, 0.5], similar)[-1][1] == pytest.approx(0.3)


def test_the_order_is_that_of_the_reduced_scores() -> None:
    similar = [[1, SIMILAR, DIFFERENT], [SIMILAR, 1, DIFFERENT], [DIFFERENT, DIFFERENT, 1]]
    assert [index for index, _ in suppress([0.9, 0.8, 0.7], similar)] == [0, 2, 1]


def test_a_pose_whose_reduced_score_is_too_low_is_left_out() -> None:
    assert suppress([0.6, 0.5], pair(SIMILAR), min_score=0.31) == [(0, 0.6)]


def test_a_suppressed_pose_suppresses_nobody() -> None:
    assert [index for index, _ in suppress([0.9, 0.8, 0.7], CHAIN)] == [0, 2]


def test_equal_scores_stay_in_order() -> None:
    assert [index for index, _ in suppress([0.5, 0.5, 0.5], CHAIN)] == [0, 2]


def test_the_people_with_the_highest_scores_stay_if_there_are_too_many() -> None:
    different = [[0.0] * 3] * 3
    assert [index for index, _ in suppress([0.4, 0.9, 0.6], different, max_people=2)] == [1, 2]


def test_the_highest_are_those_after_the_reduction() -> None:
    similarities = [[1, SIMILAR, 0.0], [SIMILAR, 1, 0.0], [0.0, 0.0, 1]]
    assert [index for index, _ in suppress([0.9, 0.8, 0.7], similarities, max_people=2)] == [0, 2]
