"""Positions in metres, on rendered scenes; docs/spatial.md measures them on many more."""

from dataclasses import replace

from depth_scenes import CAMERA, make_scene, NAMES, OVERLAP, Scene
import numpy as np
from numpy.typing import NDArray
import pytest
from rendered_people import HEIGHT, WIDTH

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose
from posenet_ros.spatial.depth_image import depth_image
from posenet_ros.spatial.positions import bodies, locate, Pose3D, unlocated

Array = NDArray[np.float64]

SIZE = (HEIGHT, WIDTH)
LEFT_WRIST, RIGHT_WRIST = (PART_NAMES.index(f'{s}_wrist') for s in ('left', 'right'))
RIGHT_ELBOW = PART_NAMES.index('right_elbow')
TRUNK = [i for i, name in enumerate(PART_NAMES) if 'shoulder' in name or 'hip' in name]


def located(scene: Scene, depth: NDArray[np.uint16] | None = None) -> list[Pose3D]:
    values = scene.depth if depth is None else depth
    return locate(scene.poses, depth_image(values, SIZE), CAMERA)


def errors_of(scene: Scene, depth: NDArray[np.uint16] | None = None) -> Array:
    """Return the distances of keypoints to the true joints in metres, float64 [people, 17]."""
    positions = np.stack([pose.positions for pose in located(scene, depth)])
    return np.asarray(np.linalg.norm(positions - scene.joints, axis=2), np.float64)


def around(x: int, y: int, size: int) -> tuple[slice, slice]:
    return slice(max(y - size, 0), y + size), slice(max(x - size, 0), x + size)


@pytest.fixture(scope='module')
def scenes() -> list[Scene]:
    """Return one of each scene at 2 m, with the errors of a depth camera and a network."""
    return [make_scene(name, 2.0, 200 + number) for number, name in enumerate(NAMES)]


def test_visible_keypoints_at_2_m_are_within_25_mm_in_the_median_and_80_in_19_of_20(
    scenes: list[Scene],
) -> None:
    errors = np.concatenate([errors_of(scene)[scene.visible] for scene in scenes])
    assert np.isfinite(errors).mean() > 0.9
    assert np.nanmedian(errors) <= 0.025
    assert np.nanpercentile(errors, 95) <= 0.080


def test_no_visible_keypoint_at_2_m_is_on_the_background(scenes: list[Scene]) -> None:
    behind = [
        pose.positions[:, 2] - joints[:, 2]
        for scene in scenes
        for pose, joints in zip(located(scene), scene.joints, strict=True)
    ]
    assert np.nanmax(behind) < 0.5


@pytest.mark.parametrize('seed', range(3))
def test_holes_never_give_a_wrong_point(scenes: list[Scene], seed: int) -> None:
    rng = np.random.default_rng(seed)
    for scene in scenes[:-1]:
        depth = scene.depth.copy()
        for part in rng.choice(17, 6, replace=False):
            x, y = np.round(scene.poses[0].keypoints[part]).astype(int)
            size = int(rng.integers(4, 30))
            depth[around(x, y, size)] = 0
        errors = errors_of(scene, depth)[scene.visible]
        assert np.nanmax(errors) < 0.25


def test_without_depth_nothing_is_known_but_everybody_is_returned(scenes: list[Scene]) -> None:
    (pose,) = located(scenes[0], np.zeros(SIZE, np.uint16))
    assert np.isnan(pose.positions).all()
    assert np.isnan(pose.body).all()


def test_the_body_is_the_median_of_the_trunk() -> None:
    scene = make_scene('arms spread', 2.0, 5, noise=False)
    (pose,) = located(scene)
    np.testing.assert_array_equal(pose.body, np.median(pose.positions[TRUNK], axis=0))
    assert np.linalg.norm(pose.body - np.median(scene.joints[0, TRUNK], axis=0)) < 0.05


def test_without_a_trunk_the_body_is_the_median_of_what_is_known() -> None:
    positions = np.full((2, 17, 3), np.nan)
    positions[0, :3] = [[0, 0, 2], [0.1, 0, 2.2], [0.3, 0.2, 2.1]]
    np.testing.assert_allclose(bodies(positions), [[0.1, 0, 2.1], [np.nan] * 3])


@pytest.mark.parametrize('lost', TRUNK)
def test_the_body_does_not_jump_if_a_shoulder_or_a_hip_is_lost(lost: int) -> None:
    positions = make_scene('arms spread', 2.0, 5, noise=False).joints
    (whole,) = bodies(positions)
    positions[0, lost] = np.nan
    (part,) = bodies(positions)
    assert np.linalg.norm(part - whole) < 0.07  # half the trunk is 0.25 m long


def test_the_body_uses_only_the_part_of_the_trunk_that_is_known() -> None:
    positions = np.full((1, 17, 3), 9.0)
    positions[0, TRUNK] = np.nan
    positions[0, TRUNK[:2]] = [[0, 0, 2], [1, 1, 3]]
    np.testing.assert_allclose(bodies(positions), [[0.5, 0.5, 2.5]])


def test_scores_and_ids_are_those_of_the_poses(scenes: list[Scene]) -> None:
    poses = [replace(pose, track_id=7) for pose in scenes[0].poses]
    for found in (locate(poses, depth_image(scenes[0].depth, SIZE), CAMERA), unlocated(poses)):
        assert [(pose.score, pose.track_id) for pose in found] == [(poses[0].score, 7)]
        np.testing.assert_array_equal(found[0].keypoint_scores, poses[0].keypoint_scores)


def test_a_keypoint_with_a_score_below_0_3_is_not_known() -> None:
    scene = make_scene('arms spread', 2.0, 1, noise=False)
    scores = scene.poses[0].keypoint_scores.copy()
    scores[9] = 0.29
    (pose,) = locate(
        [replace(scene.poses[0], keypoint_scores=scores)], depth_image(scene.depth, SIZE), CAMERA
    )
    assert np.isnan(pose.positions[9]).all()
    assert np.isfinite(pose.positions[10]).all()


@pytest.mark.parametrize('far', [np.nan, np.inf, 1e300, -1e9])
@pytest.mark.filterwarnings('error')
def test_a_keypoint_without_a_place_in_the_image_is_not_known(far: float) -> None:
    scene = make_scene('arms spread', 2.0, 1, noise=False)
    keypoints = scene.poses[0].keypoints.copy()
    keypoints[10] = far
    (pose,) = locate(
        [replace(scene.poses[0], keypoints=keypoints)], depth_image(scene.depth, SIZE), CAMERA
    )
    assert np.isnan(pose.positions[10]).all()
    assert np.isfinite(pose.positions[TRUNK]).all()


def test_a_keypoint_on_somebody_in_front_is_not_known_if_its_limb_would_be_too_long() -> None:
    scene = make_scene(OVERLAP, 2.0, 3, noise=False)
    front, elbow = scene.joints[0, LEFT_WRIST], scene.joints[1, RIGHT_ELBOW]
    assert elbow[2] - front[2] > 0.8
    keypoints, scores = scene.poses[1].keypoints.copy(), np.where(scene.visible[1], 0.9, 0.1)
    keypoints[RIGHT_WRIST] = scene.poses[0].keypoints[LEFT_WRIST]
    pose = Pose(0.9, keypoints, scores.astype(np.float32))
    (found,) = locate([pose], depth_image(scene.depth, SIZE), CAMERA)
    assert np.isnan(found.positions[RIGHT_WRIST]).all()
    assert np.isfinite(found.positions[RIGHT_ELBOW]).all()


def test_nobody_gives_nobody() -> None:
    assert locate([], depth_image(np.zeros(SIZE, np.uint16), SIZE), CAMERA) == []
