from dataclasses import replace

from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.estimation.person_regions import Person, Plan, plan_looks
from posenet_ros.framing.framing import Framing, Window
from posenet_ros.poses import Pose

# The image is processed at half its size.
HALF = Framing((482, 642), (241, 321), Window(0, 0, 482, 642))


def plan(
    poses: list[Pose],
    *,
    max_regions: int = 5,
    whole_image: Framing | None = None,
    known: bool = False,
    squares: bool = False,
) -> Plan:
    """Return the plan for people with these poses."""
    people = [Person(pose, known=known) for pose in poses]
    return plan_looks(
        people,
        max_regions=max_regions,
        region_size=257,
        whole_image=whole_image,
        squares=squares,
    )


def enlarged(pose: Pose, factor: float) -> Pose:
    return pose.at(pose.keypoints * factor)


def lying(pose: Pose) -> Pose:
    return pose.at(pose.keypoints[:, ::-1])


def test_a_region_lies_around_the_person_with_a_margin() -> None:
    pose = pose_at(300)
    (look,) = plan([pose]).looks
    low, high = pose.keypoints.min(axis=0), pose.keypoints.max(axis=0)
    assert look.region.centre == pytest.approx((low + high) / 2)
    assert 1.2 <= look.region.side / (high - low).max() <= 1.5
    height, width = look.region.size
    assert height == look.region.side
    assert width >= 1.2 * (high - low)[0]
    assert look.people == (0,)


def test_the_region_of_somebody_who_lies_is_as_wide_as_that_of_somebody_who_stands_is_high() -> (
    None
):
    (stands,), (lies,) = plan([pose_at(300)]).looks, plan([lying(pose_at(300))]).looks
    assert lies.region.shares == stands.region.shares[::-1]
    assert stands.region.shares < (1.0, 1.0)


@pytest.mark.parametrize('known', [False, True])
def test_no_region_is_narrower_than_half_its_longer_side(known: bool) -> None:
    line = pose_at(300).keypoints * [0.01, 1.0]
    (look,) = plan([pose_at(300).at(line)], known=known).looks
    assert look.region.shares == (1, 0.5)


def test_the_region_of_somebody_who_is_known_is_narrower() -> None:
    (new,), (known,) = plan([pose_at(300)]).looks, plan([pose_at(300)], known=True).looks
    assert known.region.shares < new.region.shares
    assert known.region.side < new.region.side


def test_regions_are_squares_on_request() -> None:
    (narrow,), (square,) = plan([pose_at(300)]).looks, plan([pose_at(300)], squares=True).looks
    assert square.region == narrow.region.square


def test_a_region_of_several_people_is_a_square() -> None:
    (look,) = plan([pose_at(100), pose_at(115)]).looks
    assert look.region.shares == (1, 1)


def test_thirty_people_get_at_most_max_regions_and_the_first_people_come_first() -> None:
    people = [pose_at(100.0 * number) for number in range(30)]
    planned = plan(people, max_regions=7)
    assert [look.people for look in planned.looks] == [(number,) for number in range(7)]
    assert planned.left_out == list(range(7, 30))


def test_people_who_are_close_share_a_region() -> None:
    looks = plan([pose_at(100), pose_at(400), pose_at(115)]).looks
    assert [look.people for look in looks] == [(0, 2), (1,)]


def test_people_beyond_max_regions_still_share_the_regions_of_others() -> None:
    looks = plan([pose_at(100), pose_at(400), pose_at(115)], max_regions=1).looks
    assert [look.people for look in looks] == [(0, 2)]


def test_people_whom_a_region_would_not_show_larger_than_the_whole_image_need_none() -> None:
    people = [enlarged(pose_at(50, y=10), 6), pose_at(50)]
    looks = plan(people, whole_image=HALF).looks
    assert [look.people for look in looks] == [(1,)]


def test_people_known_from_earlier_images_need_a_region_at_any_size_and_score() -> None:
    large = replace(enlarged(pose_at(50, y=10), 6), score=0.01)
    (look,) = plan([large], whole_image=HALF, known=True).looks
    assert look.people == (0,)


def test_a_region_has_some_pixels_even_if_all_keypoints_are_one_point() -> None:
    (look,) = plan([pose_at(50).at(np.full((17, 2), 30.0))]).looks
    assert look.region.centre == (30, 30)
    assert look.region.side >= 8


def test_an_image_without_people_has_no_regions() -> None:
    planned = plan([], whole_image=HALF)
    assert (planned.looks, planned.left_out) == ([], [])


def test_somebody_who_is_most_likely_nobody_gets_no_region() -> None:
    planned = plan([pose_at(50, score=0.05), pose_at(300)], whole_image=HALF)
    assert [look.people for look in planned.looks] == [(1,)]
    assert planned.left_out == []
