from dataclasses import replace

from made_heads import standing_person
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.drawing import annotated_image
from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.drawing.colours import NEUTRAL
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.poses import Pose


@pytest.fixture
def image() -> NDArray[np.uint8]:
    return np.zeros((200, 200, 3), np.uint8)


def person(x: float = 100, *, y: float = 50, score: float = 0.9, track_id: int = 0) -> Pose:
    scores = np.full(17, score, np.float32)
    return Pose(score, standing_person(x, y), scores, track_id)


def test_every_keypoint_and_limb_is_drawn(image: NDArray[np.uint8]) -> None:
    pose = person()
    drawn = draw_poses(image, [pose])
    left_shoulder, left_elbow = pose.keypoints[5], pose.keypoints[7]
    for x, y in [*pose.keypoints, (left_shoulder + left_elbow) / 2]:
        assert drawn[round(y), round(x)].any()


def test_the_original_image_is_not_changed(image: NDArray[np.uint8]) -> None:
    assert draw_poses(image, [person()]).any()
    assert not image.any()


def test_an_image_without_people_is_not_changed(image: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(draw_poses(image, []), image)


def test_people_below_the_minimum_score_are_not_drawn(image: NDArray[np.uint8]) -> None:
    settings = DrawingSettings(draw_min_pose_score=0.5, draw_min_keypoint_score=0.0)
    assert not draw_poses(image, [person(score=0.49)], settings).any()
    assert draw_poses(image, [person(score=0.5)], settings).any()


def test_keypoints_below_the_minimum_score_are_not_drawn_nor_are_their_limbs(
    image: NDArray[np.uint8],
) -> None:
    pose = person()
    pose.keypoint_scores[7] = 0.1
    drawn = draw_poses(image, [pose])
    x, y = pose.keypoints[7]
    assert not drawn[round(y), round(x)].any()
    x, y = (pose.keypoints[7] + pose.keypoints[9]) / 2
    assert not drawn[round(y), round(x)].any()


@pytest.mark.parametrize(
    'settings', [{'draw_min_pose_score': 0.95}, {'draw_min_keypoint_score': 0.95}]
)
def test_each_minimum_score_has_an_effect(
    image: NDArray[np.uint8], settings: dict[str, float]
) -> None:
    assert draw_poses(image, [person(score=0.9)]).any()
    assert not draw_poses(image, [person(score=0.9)], DrawingSettings(**settings)).any()


def test_two_people_have_two_colours(image: NDArray[np.uint8]) -> None:
    one, other = person(50), person(150)
    drawn = draw_poses(image, [one, other])
    colours = {tuple(drawn[50, round(x)]) for x in (50, 150)}
    assert len(colours) == 2


@pytest.mark.parametrize('far', [-1e9, 1e9, 1e30])
def test_keypoints_far_outside_the_image_can_be_drawn(
    image: NDArray[np.uint8], far: float
) -> None:
    pose = person(track_id=12)
    pose.keypoints[9] = pose.keypoints[0] = far
    assert draw_poses(image, [pose]).any()


def test_an_image_of_one_pixel_can_be_drawn_on() -> None:
    pose = person(track_id=12)
    assert draw_poses(np.zeros((1, 1, 3), np.uint8), [pose]).shape == (1, 1, 3)


def label(image: NDArray[np.uint8], pose: Pose) -> NDArray[np.bool_]:
    """Return the pixels that the label of a person changes, bool [height, width]."""
    without = draw_poses(image, [replace(pose, track_id=0)])
    coloured = without.any(axis=2)
    return np.asarray(draw_poses(image, [pose]).any(axis=2) & ~coloured)


def test_the_id_of_a_person_is_drawn_above_the_head(image: NDArray[np.uint8]) -> None:
    pose = person(track_id=12)
    rows, columns = np.nonzero(label(image, pose))
    assert rows.max() < pose.keypoints[:, 1].min()
    assert columns.mean() == pytest.approx(pose.keypoints[0, 0], abs=3)


def test_the_label_is_legible_in_images_of_any_size() -> None:
    heights = []
    for side in (100, 400, 1600):
        image = np.zeros((side, side, 3), np.uint8)
        pose = person(side / 2, y=side / 2, track_id=8)
        rows, _ = np.nonzero(label(image, pose))
        heights.append(rows.max() - rows.min())
    assert heights[0] >= 10
    assert heights[2] == pytest.approx(4 * heights[1], rel=0.2)


@pytest.mark.parametrize('side', [200, 800])
@pytest.mark.parametrize('x', [0.01, 0.5, 0.99])
@pytest.mark.parametrize('y', [-0.2, 0.01, 0.5, 0.99])
def test_the_whole_label_with_its_outline_is_inside_the_image(
    monkeypatch: pytest.MonkeyPatch, side: int, x: float, y: float
) -> None:
    monkeypatch.setattr(annotated_image, '_draw_skeleton', lambda *_: None)
    image = np.full((side, side, 3), 255, np.uint8)
    extents = []
    for column, row in ((0.5, 0.5), (x, y)):
        points = standing_person(column * side, row * side, size=side / 2)
        pose = Pose(0.9, points, np.full(17, 0.9, np.float32), track_id=123)
        changed = np.argwhere((draw_poses(image, [pose]) != 255).any(axis=2))
        extents.append(np.ptp(changed, axis=0))
    np.testing.assert_array_equal(extents[1], extents[0])


@pytest.mark.parametrize(('x', 'y'), [(-80, 50), (280, 50), (100, -200), (100, 250)])
def test_a_person_who_is_wholly_outside_the_image_has_no_label(
    image: NDArray[np.uint8], x: float, y: float
) -> None:
    assert not draw_poses(image, [person(x, y=y, track_id=8)]).any()


def test_people_without_an_id_are_grey_while_people_are_tracked(image: NDArray[np.uint8]) -> None:
    pose = person()
    x, y = pose.keypoints[9].round().astype(int)
    tracked = draw_poses(image, [pose], tracked=True)
    assert tuple(tracked[y, x]) == NEUTRAL != tuple(draw_poses(image, [pose])[y, x])


def test_the_label_has_the_colour_of_the_skeleton() -> None:
    image = np.zeros((800, 800, 3), np.uint8)
    pose = person(400, y=400, track_id=5)
    drawn = draw_poses(image, [pose])
    x, y = pose.keypoints[9].round().astype(int)
    assert (drawn[label(image, pose)] == drawn[y, x]).all(axis=1).any()
