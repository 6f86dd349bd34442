from made_poses import pose_at
import numpy as np
import pytest

from posenet_ros.drawing.colours import colour_of, NEUTRAL
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.drawing.image_annotations import (
    Color,
    image_annotations,
    LINE_LIST,
    Point2,
    POINTS,
)
from posenet_ros.keypoints import SKELETON
from posenet_ros.poses import Pose

SIZE = (480, 640)


def rgb(colour: Color) -> list[float]:
    return [255 * colour.r, 255 * colour.g, 255 * colour.b]


def test_a_person_has_limbs_as_lines_and_keypoints_as_points() -> None:
    pose = pose_at(300, track_id=4)
    limbs, keypoints = image_annotations([pose], SIZE, tracked=True).points
    assert (limbs.type, keypoints.type) == (LINE_LIST, POINTS)
    assert len(limbs.points) == 2 * len(SKELETON)
    assert len(keypoints.points) == 17
    assert keypoints.thickness > limbs.thickness > 0


def test_the_origin_is_the_corner_of_the_top_left_pixel() -> None:
    pose = pose_at(300)
    limbs, keypoints = image_annotations([pose], SIZE, tracked=True).points
    assert keypoints.points == tuple(Point2(x + 0.5, y + 0.5) for x, y in pose.keypoints.tolist())
    start, end = SKELETON[0]
    assert limbs.points[:2] == (keypoints.points[start], keypoints.points[end])


@pytest.mark.parametrize(
    ('track_id', 'tracked', 'colour'),
    [(4, True, colour_of(4)), (0, True, NEUTRAL), (0, False, colour_of(0))],
)
def test_colours_are_those_of_the_annotated_image(
    track_id: int, tracked: bool, colour: tuple[int, int, int]
) -> None:
    annotations = image_annotations([pose_at(300, track_id=track_id)], SIZE, tracked=tracked)
    for part in annotations.points:
        assert rgb(part.outline_color) == rgb(part.fill_color) == pytest.approx(colour)
        assert part.outline_color.a == 1


def test_the_id_is_a_text_above_the_head() -> None:
    pose = pose_at(300, track_id=42)
    (text,) = image_annotations([pose], SIZE, tracked=True).texts
    assert text.text == '42'
    assert rgb(text.text_color) == pytest.approx(colour_of(42))
    assert text.position.y < pose.keypoints[:5, 1].min()
    assert abs(text.position.x + 0.6 * text.font_size - 300) < 1


@pytest.mark.parametrize(('x', 'y'), [(5, 5), (630, 470), (2, 470)])
def test_an_id_at_the_edge_is_inside_the_image(x: float, y: float) -> None:
    (text,) = image_annotations([pose_at(x, y=y, track_id=42)], SIZE, tracked=True).texts
    assert 0 <= text.position.x <= 640 - 1.2 * text.font_size + 0.5
    assert 0.7 * text.font_size <= text.position.y <= 480


def test_a_person_outside_the_image_or_without_an_id_has_no_text() -> None:
    poses = [pose_at(-500, track_id=1), pose_at(300, track_id=0)]
    assert image_annotations(poses, SIZE, tracked=True).texts == ()


def test_what_the_minimum_scores_exclude_is_left_out() -> None:
    poor, good = pose_at(100, score=0.1, track_id=1), pose_at(300, track_id=2)
    good.keypoint_scores[5:] = 0.1  # only the head remains, which has no limbs
    (keypoints,) = image_annotations([poor, good], SIZE, tracked=True).points
    assert (keypoints.type, len(keypoints.points)) == (POINTS, 5)
    strict = DrawingSettings(draw_min_keypoint_score=0.95)
    assert image_annotations([good], SIZE, strict, tracked=True).points == ()


def test_keypoints_that_are_not_finite_are_left_out() -> None:
    pose = pose_at(300, track_id=1)
    pose.keypoints[0] = np.nan
    keypoints = image_annotations([pose], SIZE, tracked=True).points[1]
    assert len(keypoints.points) == 16


def test_without_people_there_are_no_annotations() -> None:
    annotations = image_annotations([], SIZE, tracked=True)
    assert (annotations.points, annotations.texts) == ((), ())


def test_a_person_without_a_reliable_keypoint_has_no_annotation() -> None:
    pose = Pose(0.5, np.zeros((17, 2)), np.zeros(17, np.float32), track_id=3)
    annotations = image_annotations([pose], SIZE, tracked=True)
    assert (annotations.points, annotations.texts) == ((), ())
