"""
Models of lens distortion: from a ray to its pixel and back, with OpenCV's functions.

A ray is given by its slopes: how many metres it moves to the right and down for each metre
forward.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.quoting import quoted

Array = NDArray[np.float64]

#: A ray with a larger slope (84 degrees from the optical axis) is not usable.
MAX_SLOPE = 10.0

# OpenCV undistorts by iteration: at most 100 rounds, until the error is below 1e-6 pixels
# (pinhole) or 1e-8 radians (fisheye). At the edge of a strong lens, its defaults of 5 and 10
# rounds are not enough.
_PINHOLE_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-6)
_FISHEYE_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-8)

# If a pixel was undistorted correctly, distorting it again gives the same position, within this
# many pixels. Otherwise no ray reaches the pixel: the lens model is valid only near the image.
_PIXEL_TOLERANCE = 0.01
# The same for a slope, relative to 1 + the slope: beyond the range in which a polynomial is
# invertible, a ray seems to reach a pixel that belongs to another ray.
_SLOPE_TOLERANCE = 1e-3

# For OpenCV: the zero vector, meaning no rotation or translation, and the identity matrix.
_ZERO, _IDENTITY = np.zeros(3), np.eye(3)


@dataclass(frozen=True)
class Lens:
    """A distortion model: its OpenCV functions, and the numbers of coefficients they accept."""

    undistort: Callable[..., Any]
    project: Callable[..., Any]
    coefficients: tuple[int, ...]

    def slopes(self, pixels: Array, matrix: Array, distortion: Sequence[float]) -> Array:
        """
        Return the slopes, float64 [N, 2], of the rays that reach these pixels, float64 [N, 2].

        Both are NaN if no ray reaches the pixel, or only a ray with a slope above MAX_SLOPE.
        """
        if not len(pixels):  # OpenCV raises an error for an empty array
            return np.zeros((0, 2))
        slopes = self._undistorted(pixels, matrix, distortion)
        slopes[~all_within(slopes, MAX_SLOPE)] = np.nan
        again = self._projected(slopes, matrix, distortion)
        slopes[~all_within(again - pixels, _PIXEL_TOLERANCE)] = np.nan
        return slopes

    def pixels(self, slopes: Array, matrix: Array, distortion: Sequence[float]) -> Array:
        """
        Return the pixels, float64 [N, 2], that rays with these slopes, float64 [N, 2], reach.

        Both are NaN if the slope is above MAX_SLOPE, or outside the range of the lens model.
        """
        if not len(slopes):
            return np.zeros((0, 2))
        slopes = np.where(all_within(slopes, MAX_SLOPE)[:, np.newaxis], slopes, np.nan)
        pixels = self._projected(slopes, matrix, distortion)
        again = self._undistorted(pixels, matrix, distortion)
        pixels[~all_within((again - slopes) / (1 + np.abs(slopes)), _SLOPE_TOLERANCE)] = np.nan
        return pixels

    def _undistorted(self, pixels: Array, matrix: Array, distortion: Sequence[float]) -> Array:
        rows = np.ascontiguousarray(pixels, np.float64)[:, np.newaxis]
        return np.asarray(self.undistort(rows, matrix, np.array(distortion)), np.float64)[:, 0]

    def _projected(self, slopes: Array, matrix: Array, distortion: Sequence[float]) -> Array:
        rays = np.ones((len(slopes), 1, 3))
        rays[:, 0, :2] = slopes
        pixels, _ = self.project(rays, _ZERO, _ZERO, matrix, np.array(distortion))
        return np.asarray(pixels, np.float64)[:, 0]


def _undistort_pinhole(pixels: Any, matrix: Any, distortion: Any) -> Any:
    return cv2.undistortPointsIter(
        pixels, matrix, distortion, _IDENTITY, _IDENTITY, _PINHOLE_CRITERIA
    )


def _undistort_fisheye(pixels: Any, matrix: Any, distortion: Any) -> Any:
    return cv2.fisheye.undistortPoints(pixels, matrix, distortion, criteria=_FISHEYE_CRITERIA)


PINHOLE = Lens(_undistort_pinhole, cv2.projectPoints, (4, 5, 8, 12, 14))
_FISHEYE = Lens(_undistort_fisheye, cv2.fisheye.projectPoints, (4,))

#: By the names in sensor_msgs/distortion_models.hpp.
LENSES = {
    'plumb_bob': PINHOLE,
    'rational_polynomial': PINHOLE,
    'equidistant': _FISHEYE,
}


def ignored_distortion(model: str, coefficients: Sequence[float]) -> str | None:
    """Return why the distortion of a calibration is ignored; None if it is not, or is none."""
    lens = LENSES.get(model)
    if lens is None:
        if not model or not any(coefficients):
            return None
        return f'distortion model {quoted(model)} is not one of {", ".join(LENSES)}'
    if coefficients and len(coefficients) not in lens.coefficients:
        allowed = ' or '.join(map(str, lens.coefficients))
        return f'{model} has {len(coefficients)} coefficients, not {allowed}'
    return None


def all_within(rows: Array, limit: float) -> NDArray[np.bool_]:
    """Return for each row of [N, 2] whether no number is NaN or farther from 0 than the limit."""
    first, second = (np.abs(rows) <= limit).T  # faster than np.all
    within: NDArray[np.bool_] = first & second
    return within
