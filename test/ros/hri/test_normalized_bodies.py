"""Boxes and skeletons of ROS4HRI, checked against the definitions of its messages."""

from dataclasses import fields

import pytest

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.msg import Keypoint, Pose, PoseArray
from posenet_ros.ros.hri.normalized_bodies import (
    PointOfInterest,
    region_of,
    RegionOfInterest,
    SKELETON_2D,
    skeleton_of,
)

# The constants in Skeleton2D.msg of hri_msgs (ros4hri/hri_msgs, branch humble-devel).
CODES = {
    'NOSE': 0, 'NECK': 1, 'RIGHT_SHOULDER': 2, 'RIGHT_ELBOW': 3, 'RIGHT_WRIST': 4,
    'LEFT_SHOULDER': 5, 'LEFT_ELBOW': 6, 'LEFT_WRIST': 7, 'RIGHT_HIP': 8, 'RIGHT_KNEE': 9,
    'RIGHT_ANKLE': 10, 'LEFT_HIP': 11, 'LEFT_KNEE': 12, 'LEFT_ANKLE': 13, 'LEFT_EYE': 14,
    'RIGHT_EYE': 15, 'LEFT_EAR': 16, 'RIGHT_EAR': 17,
}  # fmt: skip
IMAGE = PoseArray(image_width=200, image_height=100)


def pose(**box: float) -> Pose:
    """Return a person whose part i is at (10 i, 5 i) with the score 0.5 + i / 100."""
    keypoints = [
        Keypoint(id=part, x=10.0 * part, y=5.0 * part, score=0.5 + part / 100)
        for part in range(17)
    ]
    return Pose(track_id=1, score=0.7, keypoints=keypoints, **box)


def at(points: list[PointOfInterest], name: str) -> tuple[float, float, float]:
    point = points[CODES[name]]
    return point.x * 200 - 0.5, point.y * 100 - 0.5, point.c


def test_the_fields_are_those_of_the_messages() -> None:
    assert [field.name for field in fields(PointOfInterest)] == ['x', 'y', 'c']
    assert [field.name for field in fields(RegionOfInterest)] == [
        'xmin', 'ymin', 'xmax', 'ymax', 'c'
    ]  # fmt: skip


def test_the_skeleton_has_the_order_of_the_message() -> None:
    assert [name.upper() for name in SKELETON_2D] == list(CODES)
    assert list(CODES.values()) == list(range(18))


@pytest.mark.parametrize('part', PART_NAMES)
def test_every_body_part_is_at_its_place_in_the_skeleton(part: str) -> None:
    index = PART_NAMES.index(part)
    expected = (10 * index, 5 * index, 0.5 + index / 100)
    assert at(skeleton_of(pose(), IMAGE), part.upper()) == pytest.approx(expected)


def test_the_neck_is_between_the_shoulders_with_the_lower_score() -> None:
    assert at(skeleton_of(pose(), IMAGE), 'NECK') == pytest.approx((55, 27.5, 0.55))


def test_edges_of_the_image_are_0_and_1() -> None:
    person = pose()
    person.keypoints[0].x, person.keypoints[0].y = -0.5, 99.5
    nose = skeleton_of(person, IMAGE)[0]
    assert (nose.x, nose.y, nose.c) == (0, 1, 0.5)


@pytest.mark.parametrize(('x', 'y'), [(-20.0, 50.0), (50.0, 120.0), (230.0, -5.0)])
def test_a_point_outside_the_image_is_clipped_and_has_no_confidence(x: float, y: float) -> None:
    person = pose()
    person.keypoints[0].x, person.keypoints[0].y = x, y
    nose = skeleton_of(person, IMAGE)[0]
    assert 0 <= nose.x <= 1
    assert 0 <= nose.y <= 1
    assert nose.c == 0


def test_a_point_that_is_not_finite_is_0_in_all_fields() -> None:
    person = pose()
    person.keypoints[5].x = float('nan')  # a shoulder
    skeleton = skeleton_of(person, IMAGE)
    for name in ('LEFT_SHOULDER', 'NECK'):
        assert skeleton[CODES[name]] == PointOfInterest(0, 0, 0)


def test_the_box_is_normalized_and_has_the_score_of_the_pose() -> None:
    region = region_of(pose(x_min=9.5, y_min=19.5, x_max=199.0, y_max=59.5), IMAGE)
    assert region is not None
    values = region.xmin, region.ymin, region.xmax, region.ymax, region.c
    assert values == pytest.approx((0.05, 0.2, 0.9975, 0.6, 0.7))


def test_a_box_that_is_not_known_gives_no_region() -> None:
    nan = float('nan')
    assert region_of(pose(x_min=nan, y_min=nan, x_max=nan, y_max=nan), IMAGE) is None
