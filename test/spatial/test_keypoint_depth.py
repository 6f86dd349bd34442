from depth_scenes import CAMERA, make_scene, Scene
import numpy as np
from numpy.typing import NDArray
import pytest
from rendered_people import HEIGHT, WIDTH

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.spatial.depth_image import depth_image
from posenet_ros.spatial.keypoint_depth import keypoint_depths

Array = NDArray[np.float64]

SIZE = (HEIGHT, WIDTH)
NOSE, ELBOW, WRIST = (PART_NAMES.index(name) for name in ('nose', 'left_elbow', 'left_wrist'))


def depths_of(
    depth: NDArray[np.uint16], keypoints: Array, visible: NDArray[np.bool_] | None = None
) -> Array:
    """Return the depths of one person's keypoints, [17, 2]."""
    seen = np.ones((1, 17), bool) if visible is None else visible[np.newaxis]
    rows = keypoints.T[:, np.newaxis]
    found = keypoint_depths(rows, seen, depth_image(depth, SIZE), CAMERA.focal_length)
    return np.asarray(found[0], np.float64)


def flat(distance: float) -> NDArray[np.uint16]:
    return np.full(SIZE, round(1000 * distance), np.uint16)


def around(x: int, y: int, size: int) -> tuple[slice, slice]:
    return slice(y - size, y + size), slice(x - size, x + size)


@pytest.fixture
def scene() -> Scene:
    """Return a person at 2 m who spreads the arms in front of a wall."""
    return make_scene('arms spread', 2.0, 0, noise=False)


def test_on_a_wall_all_keypoints_have_its_depth(scene: Scene) -> None:
    np.testing.assert_allclose(depths_of(flat(3.0), scene.poses[0].keypoints), 3.0, atol=1e-6)


def test_a_keypoint_just_beside_an_arm_has_the_depth_of_the_arm() -> None:
    depth = flat(4.0)
    depth[100:400, 300:314] = 2000
    keypoints = np.full((17, 2), 306.0)
    keypoints[:, 1] = np.linspace(120, 380, 17)
    keypoints[ELBOW, 0] = 315.5
    assert depths_of(depth, keypoints)[ELBOW] == pytest.approx(2.0)


def test_single_near_pixels_are_not_a_body_part(scene: Scene) -> None:
    depth = flat(3.0)
    x, y = np.round(scene.poses[0].keypoints[NOSE]).astype(int)
    depth[around(x, y, 1)] = 500
    assert depths_of(depth, scene.poses[0].keypoints)[NOSE] == pytest.approx(3.0)


def test_depths_spread_between_near_and_far_are_not_a_body_part(scene: Scene) -> None:
    depth = flat(5.0)
    x, y = np.round(scene.poses[0].keypoints[NOSE]).astype(int)
    # All 7 x 7 pixels differ, wherever the window is.
    rows, columns = np.mgrid[:20, :20] % 7
    depth[around(x, y, 10)] = 500 + 85 * (7 * rows + columns)
    assert np.isnan(depths_of(depth, scene.poses[0].keypoints)[NOSE])


@pytest.mark.filterwarnings('error')
def test_in_a_hole_depth_is_unknown(scene: Scene) -> None:
    depth = scene.depth.copy()
    x, y = np.round(scene.poses[0].keypoints[NOSE]).astype(int)
    depth[around(x, y, 20)] = 0
    found = depths_of(depth, scene.poses[0].keypoints)
    assert np.isnan(found[NOSE])
    assert np.isfinite(found[WRIST])


@pytest.mark.filterwarnings('error')
def test_without_any_depth_everything_is_unknown(scene: Scene) -> None:
    assert np.isnan(depths_of(flat(0.0), scene.poses[0].keypoints)).all()


@pytest.mark.filterwarnings('error')
def test_keypoints_that_are_not_visible_have_no_depth(scene: Scene) -> None:
    visible = np.ones(17, bool)
    visible[[NOSE, ELBOW]] = False
    keypoints = scene.poses[0].keypoints.copy()
    keypoints[NOSE] = np.nan
    known = np.isfinite(depths_of(scene.depth, keypoints, visible))
    np.testing.assert_array_equal(known, visible)


def test_the_depth_of_a_wrist_is_extrapolated_from_the_forearm() -> None:
    # A forearm that comes 0.2 m nearer over 80 pixels, in front of a wall.
    depth = flat(4.0)
    depth[200:240, 300:401] = np.linspace(2000, 1750, 101).round()
    keypoints = np.full((17, 2), 20.0)
    keypoints[[ELBOW, WRIST]] = (300.0, 220.0), (380.0, 220.0)
    visible = np.zeros(17, bool)
    visible[[ELBOW, WRIST]] = True
    found = depths_of(depth, keypoints, visible)[[ELBOW, WRIST]]
    np.testing.assert_allclose(found, [2.0, 1.8], atol=0.015)


def test_the_depth_of_a_wrist_is_not_extrapolated_from_an_elbow_out_of_reach() -> None:
    depth = flat(60.0)
    depth[180:260, 200:501] = 1000
    keypoints = np.full((17, 2), 20.0)
    keypoints[[ELBOW, WRIST]] = (140.0, 220.0), (440.0, 220.0)
    visible = np.zeros(17, bool)
    visible[[ELBOW, WRIST]] = True
    found = depths_of(depth, keypoints, visible)[[ELBOW, WRIST]]
    np.testing.assert_allclose(found, [60.0, 1.0])


def test_people_do_not_depend_on_each_other(scene: Scene) -> None:
    keypoints = np.stack([scene.poses[0].keypoints, scene.poses[0].keypoints + 30.0])
    visible = np.ones((2, 17), bool)
    depth = depth_image(scene.depth, SIZE)
    both = keypoint_depths(keypoints.transpose(2, 0, 1), visible, depth, CAMERA.focal_length)
    for one, alone in zip(both, keypoints, strict=True):
        np.testing.assert_array_equal(one, depths_of(scene.depth, alone))
