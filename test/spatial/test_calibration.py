from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from posenet_ros.errors import CalibrationError
from posenet_ros.spatial.calibration import Calibration
from posenet_ros.spatial.camera_model import camera_model

SIZE = (480, 640)
CALIBRATION = Calibration(
    sensor_size=SIZE,
    distortion_model='plumb_bob',
    d=(-0.35, 0.12, 0.001, -0.002, -0.02),
    k=(500.0, 0.0, 310.0, 0.0, 510.0, 250.0, 0.0, 0.0, 1.0),
    p=(400.0, 0.0, 310.0, 0.0, 0.0, 410.0, 250.0, 0.0, 0.0, 0.0, 1.0, 0.0),
)


def changed(field: str, index: int, value: float) -> Calibration:
    """Return the calibration with another number."""
    numbers = list(getattr(CALIBRATION, field))
    numbers[index] = value
    changes: dict[str, Any] = {field: tuple(numbers)}
    return replace(CALIBRATION, **changes)


def check_refused(calibration: Calibration, start: str, *, rectified: bool = False) -> None:
    assert str(calibration.fault(rectified=rectified)).startswith(start)
    with pytest.raises(CalibrationError) as caught:
        camera_model(calibration, SIZE, rectified=rectified)
    assert str(caught.value).startswith(start)


@pytest.mark.parametrize('rectified', [False, True])
@pytest.mark.parametrize('axis', ['x', 'y'])
@pytest.mark.parametrize('value', [5e-324, 1e-300, 0.5, -500.0, 1e308, np.inf, -np.inf, np.nan])
@pytest.mark.filterwarnings('error')
def test_a_calibration_with_an_impossible_focal_length_is_refused_by_its_number(
    value: float, axis: str, rectified: bool
) -> None:
    field = 'p' if rectified else 'k'
    index = 0 if axis == 'x' else {'p': 5, 'k': 4}[field]
    calibration = changed(field, index, value)
    check_refused(calibration, f'{field.upper()}[{index}] is {value:g}', rectified=rectified)


@pytest.mark.parametrize(
    ('field', 'index', 'value'),
    [('k', 2, 1e308), ('k', 5, np.nan), ('k', 8, np.inf), ('d', 1, 1e300)],
)
@pytest.mark.filterwarnings('error')
def test_every_number_of_a_calibration_must_be_possible(
    field: str, index: int, value: float
) -> None:
    check_refused(changed(field, index, value), f'{field.upper()}[{index}] is {value:g}')


@pytest.mark.parametrize('rectified', [False, True])
def test_a_calibration_without_faults_has_none(rectified: bool) -> None:
    assert CALIBRATION.is_calibrated(rectified=rectified)
    assert CALIBRATION.fault(rectified=rectified) is None


@pytest.mark.parametrize('rectified', [False, True])
def test_a_camera_that_is_not_calibrated_has_no_fault(rectified: bool) -> None:
    calibration = Calibration(sensor_size=SIZE, k=(0.0,) * 9)
    assert not calibration.is_calibrated(rectified=rectified)
    assert calibration.fault(rectified=rectified) is None
