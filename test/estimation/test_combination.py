from dataclasses import replace
from typing import Any

from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.estimation.combination import combine
from posenet_ros.estimation.person_regions import Person, plan_looks
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

FIRST = pose_at(100, score=0.4)
CLOSER = pose_at(103)


def combined(
    people: list[Pose],
    found: list[list[Pose]],
    *,
    measured: bool = True,
    max_regions: int = 5,
    **settings: Any,
) -> list[Pose]:
    """Return the people, if `found` is found in the regions planned for them."""
    expected = [Person(pose, measured=measured, known=not measured) for pose in people]
    plan = plan_looks(expected, max_regions=max_regions, region_size=257, whole_image=None)
    return combine(
        expected,
        plan.looks,
        found,
        settings=PoseSettings(**{'max_pose_detections': 10, **settings}),
    )


def middle(pose: Pose) -> float:
    return float(pose.keypoints[0, 0])


def test_a_person_found_again_is_where_the_closer_look_says() -> None:
    (person,) = combined([FIRST], [[CLOSER]])
    np.testing.assert_array_equal(person.keypoints, CLOSER.keypoints)
    assert person.score > FIRST.score


def test_a_person_found_again_is_the_same_if_expected_from_earlier_images() -> None:
    (person,) = combined([FIRST], [[CLOSER]], measured=False)
    np.testing.assert_array_equal(person.keypoints, CLOSER.keypoints)


def test_a_person_of_whom_the_region_shows_nothing_keeps_the_first_pose_at_a_lower_score() -> None:
    (person,) = combined([FIRST], [[]])
    assert person.keypoints is FIRST.keypoints
    assert 0 < person.score < FIRST.score


def test_a_person_expected_from_earlier_images_of_whom_nothing_is_found_is_not_there() -> None:
    assert combined([FIRST], [[]], measured=False) == []


def test_people_without_a_region_keep_their_pose_and_score() -> None:
    others = pose_at(400, score=0.3), pose_at(600, score=0.2)
    people = combined([FIRST, *others], [[CLOSER]], max_regions=1)
    assert [(person.score, person.keypoints is other.keypoints) for person, other in
            zip(people[1:], others, strict=True)] == [(0.3, True), (0.2, True)]  # fmt: skip


def test_people_without_a_region_who_were_only_expected_are_not_there() -> None:
    people = [FIRST, pose_at(400)]
    assert len(combined(people, [[CLOSER]], max_regions=1, measured=False)) == 1


def test_somebody_unexpected_in_a_region_is_there_with_a_lower_score() -> None:
    unexpected = pose_at(140)
    person, other = combined([FIRST], [[CLOSER, unexpected]])
    assert middle(person) < 110
    np.testing.assert_array_equal(other.keypoints, unexpected.keypoints)
    assert other.score < person.score


def test_somebody_unexpected_of_whom_the_network_is_unsure_is_not_there() -> None:
    unsure = replace(pose_at(140), keypoint_scores=np.full(17, 0.1, np.float32))
    assert len(combined([FIRST], [[CLOSER, unsure]])) == 1


def test_a_person_who_is_found_in_two_regions_is_there_once() -> None:
    people = [FIRST, pose_at(300, score=0.3)]
    found = [[CLOSER, pose_at(299)], [pose_at(300), pose_at(104)]]
    assert sorted(map(middle, combined(people, found))) == pytest.approx([103, 300], abs=1)


def test_two_people_who_share_a_region_are_both_there() -> None:
    people = [pose_at(100), pose_at(120)]
    found = combined(people, [[pose_at(101), pose_at(121)]])
    assert sorted(map(middle, found)) == pytest.approx([101, 121], abs=1)


def test_at_most_max_pose_detections_people_are_returned_with_the_highest_scores_first() -> None:
    people = [pose_at(100.0 * number, score=number / 10) for number in range(1, 6)]
    found = combined(people, [[] for _ in people], max_pose_detections=3)
    assert [round(person.score * 20) for person in found] == [5, 4, 3]


def test_an_image_without_people_has_none() -> None:
    assert combined([], []) == []


def test_ids_of_expected_people_do_not_pass_to_those_found() -> None:
    (person,) = combined([replace(FIRST, track_id=7)], [[CLOSER]], measured=False)
    assert person.track_id == 0


def test_nobody_scores_less_than_min_pose_score() -> None:
    people = [pose_at(100.0 * number, score=number / 10) for number in range(1, 6)]
    found = combined(people, [[] for _ in people], min_pose_score=0.15)
    assert [round(person.score * 20) for person in found] == [5, 4, 3]


def test_with_single_person_there_is_one_at_most() -> None:
    found = combined([FIRST], [[CLOSER, pose_at(300)]], decoding_method='single_person')
    assert len(found) == 1


def test_a_neighbour_in_the_region_does_not_replace_the_person() -> None:
    person, neighbour = combined([FIRST], [[pose_at(300, score=0.9)]])
    assert sorted(map(middle, (person, neighbour))) == [100, 300]


def test_a_pose_in_a_shared_region_is_one_person_only() -> None:
    people = [pose_at(100), pose_at(120)]
    found = combined(people, [[pose_at(110)]], min_pose_score=0.0)
    assert [round(pose.score, 1) for pose in found] == [0.9, 0.3]
