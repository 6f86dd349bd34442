from typing import Any

import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo

from posenet_ros.ros.conversions.calibration import calibrated_matrix, calibration_fault
from posenet_ros.ros.conversions.plane_projection import projection_of

SIZE = (480, 640)
PIXELS = np.array([[0.0, 0.0], [320.0, 240.0], [639.0, 479.0]])


def camera_info() -> Any:
    """Return a calibration without faults."""
    return CameraInfo(
        height=480,
        width=640,
        distortion_model='plumb_bob',
        d=[-0.35, 0.12, 0.001, -0.002, -0.02],
        k=[500.0, 0.0, 310.0, 0.0, 510.0, 250.0, 0.0, 0.0, 1.0],
        p=[400.0, 0.0, 310.0, 0.0, 0.0, 410.0, 250.0, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


def check_ignored(info: Any, *, rectified: bool = False) -> None:
    projection = projection_of(SIZE, distance=2, camera_info=info, rectified=rectified)
    plain = projection_of(SIZE, distance=2)
    np.testing.assert_array_equal(projection.to_plane(PIXELS), plain.to_plane(PIXELS))
    assert projection.metres_per_pixel == plain.metres_per_pixel


@pytest.mark.parametrize('rectified', [False, True])
@pytest.mark.parametrize('axis', ['x', 'y'])
@pytest.mark.parametrize('value', [5e-324, 1e-300, 0.5, -500.0, 1e308, np.inf, -np.inf, np.nan])
@pytest.mark.filterwarnings('error')
def test_a_calibration_with_an_impossible_focal_length_counts_as_none_and_is_named(
    value: float, axis: str, rectified: bool
) -> None:
    info = camera_info()
    matrix, numbers = ('P', info.p) if rectified else ('K', info.k)
    index = 0 if axis == 'x' else {'P': 5, 'K': 4}[matrix]
    numbers[index] = value
    fault = calibration_fault(info, rectified=rectified)
    assert str(fault).startswith(f'{matrix}[{index}] is {value:g}')
    check_ignored(info, rectified=rectified)


@pytest.mark.parametrize(
    ('field', 'index', 'value'),
    [('k', 2, 1e308), ('k', 5, np.nan), ('k', 8, np.inf), ('d', 1, 1e300)],
)
@pytest.mark.filterwarnings('error')
def test_every_number_of_a_calibration_must_be_possible(
    field: str, index: int, value: float
) -> None:
    info = camera_info()
    getattr(info, field)[index] = value
    fault = calibration_fault(info, rectified=False)
    assert str(fault).startswith(f'{field.upper()}[{index}] is {value:g}')
    check_ignored(info)


@pytest.mark.parametrize('rectified', [False, True])
def test_a_calibration_without_faults_has_a_matrix(rectified: bool) -> None:
    assert calibration_fault(camera_info(), rectified=rectified) is None
    matrix = calibrated_matrix(camera_info(), rectified=rectified)
    assert matrix is not None
    assert matrix[0, 0] == (400.0 if rectified else 500.0)


@pytest.mark.parametrize('rectified', [False, True])
def test_a_camera_info_that_is_not_calibrated_has_neither_a_fault_nor_a_matrix(
    rectified: bool,
) -> None:
    assert calibration_fault(CameraInfo(), rectified=rectified) is None
    assert calibrated_matrix(CameraInfo(), rectified=rectified) is None
