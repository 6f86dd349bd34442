"""The camera matrix of a CameraInfo, and whether its numbers are possible."""

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

# No number of a calibration is larger than this, and no focal length is shorter than one pixel.
# Beyond these, results would not be finite, or useless.
_MAX_NUMBER, _MIN_FOCAL_LENGTH = 1e7, 1.0


def calibrated_matrix(info: CameraInfo, *, rectified: bool) -> NDArray[np.float64] | None:
    """
    Return K, or for rectified images the left part of P, float64 [3, 3].

    Returns None if the CameraInfo is not calibrated (K[0] or P[0] is 0) or has a fault.
    """
    given = info.p.reshape(3, 4)[:, :3] if rectified else info.k.reshape(3, 3)
    matrix = np.asarray(given, np.float64)
    usable = matrix[0, 0] != 0 and calibration_fault(info, rectified=rectified) is None
    return matrix if usable else None


def calibration_fault(info: CameraInfo, *, rectified: bool) -> str | None:
    """
    Return which number makes a calibration unusable, and why; None if there is none.

    Such a number is not finite, or is larger than any real one, or is a focal length below one
    pixel. A CameraInfo without a calibration has no fault.
    """
    matrix, values = ('P', info.p) if rectified else ('K', info.k)
    if values[0] == 0:
        return None
    focal_lengths = (0, 5) if rectified else (0, 4)
    for index in focal_lengths:
        if not _MIN_FOCAL_LENGTH <= values[index] <= _MAX_NUMBER:
            return f'{matrix}[{index}] is {values[index]:g}, which is not a focal length in pixels'
    for name, numbers in ((matrix, values), ('D', info.d)):
        for index, value in enumerate(numbers):
            if not abs(value) <= _MAX_NUMBER:
                return f'{name}[{index}] is {value:g}, which is not possible'
    return None
