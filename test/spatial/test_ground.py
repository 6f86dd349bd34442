import re

import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import CalibrationError
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose
from posenet_ros.spatial.camera_model import uncalibrated_camera
from posenet_ros.spatial.ground import camera_pose, CameraPose, GroundedPose, locate_on_ground

Array = NDArray[np.float64]

CAMERA = uncalibrated_camera((480, 640))
ANKLES = [PART_NAMES.index(f'{side}_ankle') for side in ('left', 'right')]
KNEES = [PART_NAMES.index(f'{side}_knee') for side in ('left', 'right')]


def looking(*, height: float = 1.5, down: float = 20.0, yaw: float = 0.0) -> CameraPose:
    """Return a camera that looks along x and down by some degrees; `yaw` turns it to the left."""
    pitch, turn = np.deg2rad([down, yaw])
    level = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])  # optical axes, as columns
    tilt = np.array([
        [np.cos(pitch), 0, np.sin(pitch)], [0, 1, 0], [-np.sin(pitch), 0, np.cos(pitch)],
    ])  # fmt: skip
    around = np.array([
        [np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1],
    ])  # fmt: skip
    return CameraPose(around @ tilt @ level, np.array([0.3, -0.2, height]))


def person(where: CameraPose, parts: dict[int, tuple[float, float, float]]) -> Pose:
    """Return a pose with parts at points of the ground's frame; others are not visible."""
    keypoints, scores = np.full((17, 2), 300.0), np.full(17, 0.1, np.float32)
    for part, point in parts.items():
        optical = where.rotation.T @ (np.array(point) - where.translation)
        keypoints[part] = CAMERA.to_pixels(optical[np.newaxis])[0]
        scores[part] = 0.8
    return Pose(0.7, keypoints, scores, 5)


def on_ground(found: GroundedPose, where: CameraPose) -> Array:
    """Return the position in the ground's frame."""
    return where.rotation @ found.pose.body + where.translation


def located(where: CameraPose, parts: dict[int, tuple[float, float, float]]) -> GroundedPose:
    (found,) = locate_on_ground([person(where, parts)], CAMERA, where)
    return found


@pytest.mark.parametrize('yaw', [0.0, 90.0, -150.0])
@pytest.mark.parametrize('height', [0.6, 1.5, 3.0])
def test_a_person_stands_on_the_ground_between_the_ankles(yaw: float, height: float) -> None:
    where = looking(yaw=yaw, height=height)
    towards = np.array([np.cos(np.deg2rad(yaw)), np.sin(np.deg2rad(yaw))])
    x, y = where.translation[:2] + 4 * towards
    found = located(where, {ANKLES[0]: (x + 0.1, y, 0.066), ANKLES[1]: (x - 0.1, y + 0.2, 0.066)})
    assert found.reason == ''
    np.testing.assert_allclose(on_ground(found, where), [x, y + 0.1, 0], atol=0.02)


def test_one_ankle_is_enough() -> None:
    where = looking()
    found = located(where, {ANKLES[1]: (4, 1, 0.066)})
    np.testing.assert_allclose(on_ground(found, where), [4, 1, 0], atol=1e-6)


def test_without_ankles_knees_are_used() -> None:
    where = looking()
    found = located(where, {KNEES[0]: (4, 1, 0.485), KNEES[1]: (4, 1.4, 0.485)})
    np.testing.assert_allclose(on_ground(found, where), [4, 1.2, 0], atol=0.01)


def test_keypoints_stay_unknown_and_the_rest_is_that_of_the_pose() -> None:
    pose = located(looking(), {ANKLES[1]: (4, 1, 0.066)}).pose
    assert np.isnan(pose.positions).all()
    assert (pose.score, pose.track_id) == (0.7, 5)


@pytest.mark.parametrize(
    ('where', 'point', 'reason'),
    [
        (looking(down=0), (4.0, 0.0, 2.0), 'above the horizon'),
        (looking(down=0), (40.0, 0.0, 0.066), r'too far away: a pixel is 1\.\d+ m'),
        (looking(down=-10, height=0.05), (4.0, 0.0, 1.0), r'0\.05 m above the ground: too low'),
        (looking(down=-10, height=-2.0), (4.0, 0.0, 1.0), r'-2\.00 m above the ground: too low'),
    ],
)
@pytest.mark.filterwarnings('error')
def test_where_the_plane_is_not_usable_the_reason_is_given(
    where: CameraPose, point: tuple[float, float, float], reason: str
) -> None:
    found = located(where, {ANKLES[0]: point})
    assert np.isnan(found.pose.body).all()
    assert re.search(reason, found.reason)


def test_a_person_without_feet_and_knees_is_nowhere() -> None:
    found = located(looking(), {0: (4, 0, 1.5)})
    assert np.isnan(found.pose.body).all()
    assert found.reason == 'no ankle or knee is visible'


def test_each_person_is_located_alone() -> None:
    where = looking()
    poses = [person(where, {ANKLES[0]: (4, 1, 0.066)}), person(where, {0: (4, 0, 1.5)})]
    first, second = locate_on_ground(poses, CAMERA, where)
    assert (first.reason == '', second.reason == '') == (True, False)
    assert locate_on_ground([], CAMERA, where) == []


def test_a_quaternion_rotates_the_optical_axes_into_those_of_the_ground() -> None:
    # The usual rotation of an optical frame: z forward becomes x, x to the right becomes -y.
    where = camera_pose((-0.5, 0.5, -0.5, 0.5), (1.0, 2.0, 3.0))
    np.testing.assert_allclose(where.rotation, looking(down=0).rotation, atol=1e-12)
    np.testing.assert_array_equal(where.translation, [1, 2, 3])


def test_a_quaternion_of_another_length_is_the_same_rotation() -> None:
    one, other = (camera_pose((0.1 * f, 0.2 * f, 0.3 * f, f), (0, 0, 0)) for f in (1.0, 0.5))
    np.testing.assert_allclose(one.rotation, other.rotation)


@pytest.mark.parametrize('quaternion', [(0.0,) * 4, (np.nan, 0.0, 0.0, 1.0)])
def test_a_transform_that_is_no_pose_is_refused(
    quaternion: tuple[float, float, float, float],
) -> None:
    with pytest.raises(CalibrationError, match='which is not a pose'):
        camera_pose(quaternion, (0.0, 0.0, 1.0))
