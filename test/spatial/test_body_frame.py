import math

import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.spatial.body_frame import body_frame, BodyFrame

Array = NDArray[np.float64]


def standing(*, facing: float = 0.0) -> Array:
    """
    Return a person 3 m in front of the camera, in its optical frame, float64 [17, 3].

    `facing` is the angle in radians by which the person has turned to the left, from facing the
    camera. Only the hips and the shoulders are known.
    """
    positions = np.full((17, 3), np.nan)
    for name, side, height in (('hip', 0.15, 0.0), ('shoulder', 0.2, 0.5)):
        for left, sign in (('left', 1), ('right', -1)):
            # Whoever faces the camera has the left hand at the right of the image.
            x, z = sign * side * math.cos(facing), -sign * side * math.sin(facing)
            positions[PART_NAMES.index(f'{left}_{name}')] = x, -height, 3.0 + z
    return positions


def axes(frame: BodyFrame | None) -> Array:
    """Return the axes x, y and z of the body in the optical frame, as the rows of a matrix."""
    assert frame is not None
    x, y, z, w = frame.rotation
    assert math.hypot(x, y, z, w) == pytest.approx(1)
    columns = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return columns.T


def test_the_origin_is_the_middle_between_the_hips() -> None:
    frame = body_frame(standing())
    assert frame is not None
    np.testing.assert_allclose(frame.origin, [0, 0, 3])


def test_x_of_a_person_who_faces_the_camera_points_to_it_and_z_to_the_head() -> None:
    expected = [[0, 0, -1], [1, 0, 0], [0, -1, 0]]
    np.testing.assert_allclose(axes(body_frame(standing())), expected, atol=1e-9)


@pytest.mark.parametrize('facing', [0.5, math.pi / 2, 2.0, math.pi, -math.pi / 2, -2.5])
def test_x_turns_with_the_person(facing: float) -> None:
    forward, _, up = axes(body_frame(standing(facing=facing)))
    np.testing.assert_allclose(forward, [-math.sin(facing), 0, -math.cos(facing)], atol=1e-9)
    np.testing.assert_allclose(up, [0, -1, 0], atol=1e-9)


def test_z_of_somebody_who_leans_points_to_the_head_and_the_axes_stay_orthogonal() -> None:
    positions = standing()
    positions[PART_NAMES.index('left_shoulder')] += (0.3, 0.1, 0.2)
    rows = axes(body_frame(positions))
    shoulders = positions[[PART_NAMES.index('left_shoulder'), PART_NAMES.index('right_shoulder')]]
    trunk = shoulders.mean(axis=0) - (0, 0, 3)
    np.testing.assert_allclose(rows[2], trunk / np.linalg.norm(trunk), atol=1e-9)
    np.testing.assert_allclose(rows @ rows.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(rows) == pytest.approx(1)


@pytest.mark.parametrize('part', ['left_hip', 'right_hip', 'left_shoulder', 'right_shoulder'])
def test_there_is_no_frame_if_a_hip_or_a_shoulder_is_not_known(part: str) -> None:
    positions = standing()
    positions[PART_NAMES.index(part)] = np.nan
    assert body_frame(positions) is None


def test_there_is_no_frame_if_the_points_of_the_trunk_nearly_coincide() -> None:
    assert body_frame(standing() * 0.1) is None
    narrow = standing() * (0.1, 1, 1)
    assert body_frame(narrow) is None
