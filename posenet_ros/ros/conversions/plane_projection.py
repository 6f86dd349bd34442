"""
Projection of pixels onto a plane in front of the camera.

A single camera cannot measure how far away a person is. So every keypoint is projected onto a
plane that faces the camera, at a distance that the user chooses. The projection of a pixel is the
point where the ray through that pixel meets the plane.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

from posenet_ros.framing.framing import Size
from posenet_ros.ros.conversions.calibration import calibrated_matrix

# A ray that moves more than this many metres sideways for each metre forward (84 degrees) meets
# the plane too far away to be useful.
_MAX_SLOPE = 10.0

# OpenCV undistorts the pixels of a pinhole camera by iteration: at most 100 rounds, until the
# error is below 1e-4 pixels. At the edge of a strong lens, its default of 5 rounds is not enough.
_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-4)

# If a pixel was undistorted correctly, distorting it again gives the same position, within this
# many pixels. Otherwise no ray reaches the pixel: the lens model is valid only near the image.
_TOLERANCE = 0.5

# For OpenCV: the zero vector, meaning no rotation or translation, and the identity matrix.
_ZERO, _IDENTITY = np.zeros(3), np.eye(3)


@dataclass(frozen=True)
class _Lens:
    """A distortion model: its OpenCV functions, and the numbers of coefficients they accept."""

    undistort: Callable[..., Any]
    project: Callable[..., Any]
    coefficients: tuple[int, ...]


def _undistort_pinhole(pixels: Any, matrix: Any, distortion: Any) -> Any:
    return cv2.undistortPointsIter(pixels, matrix, distortion, _IDENTITY, _IDENTITY, _CRITERIA)


_PINHOLE = _Lens(_undistort_pinhole, cv2.projectPoints, (4, 5, 8, 12, 14))
_FISHEYE = _Lens(cv2.fisheye.undistortPoints, cv2.fisheye.projectPoints, (4,))

# By the names in sensor_msgs/distortion_models.hpp.
_LENSES = {
    'plumb_bob': _PINHOLE,
    'rational_polynomial': _PINHOLE,
    'equidistant': _FISHEYE,
}


@dataclass(frozen=True, eq=False)
class PlaneProjection:
    """
    The mapping from pixels of a camera's images to the plane that faces the camera.

    Create one with :func:`projection_of`.
    """

    #: Distance from the camera to the plane, in metres.
    distance: float
    #: (height, width) of the images in pixels.
    image_size: Size
    #: Focal lengths and principal point in pixels of the images, float64 [3, 3].
    camera_matrix: NDArray[np.float64]
    #: Distortion coefficients, float64 [K].
    distortion: NDArray[np.float64]
    #: The distortion model of these coefficients.
    lens: _Lens = _PINHOLE

    @property
    def metres_per_pixel(self) -> float:
        """Return the width of a pixel on the plane, in metres, at the optical axis."""
        return self.distance / float(self.camera_matrix[0, 0])

    def to_plane(self, keypoints: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Map (x, y) in pixels of the image, float64 [..., 2], to (x, y, z), float64 [..., 3].

        The points are in metres in the camera's optical frame (REP 103: x to the right, y down,
        z forward), with z = distance. All three are NaN for a pixel without a position on the
        plane: if it is not finite, if its ray points more than 84 degrees sideways, up or down,
        or if no ray reaches it in the lens model.
        """
        pixels = np.ascontiguousarray(keypoints, np.float64).reshape(-1, 1, 2)
        slopes = np.ones((len(pixels), 3))
        if len(pixels):  # OpenCV raises an error for an empty array
            camera = (self.camera_matrix, self.distortion)
            slopes[:, :2] = self.lens.undistort(pixels, *camera)[:, 0]
            slopes[~self._is_projected(slopes, pixels[:, 0])] = np.nan
        return (slopes * self.distance).reshape(*keypoints.shape[:-1], 3)

    def _is_projected(
        self, slopes: NDArray[np.float64], pixels: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Return which rays (x, y, 1), float64 [N, 3], the lens maps to their pixels [N, 2]."""
        usable = _all_within(slopes[:, :2], _MAX_SLOPE)
        rays = np.where(usable[:, None], slopes, [0.0, 0.0, 1.0])[:, None]
        projected, _ = self.lens.project(rays, _ZERO, _ZERO, self.camera_matrix, self.distortion)
        return usable & _all_within(projected[:, 0] - pixels, _TOLERANCE)


def projection_of(
    image_size: Size,
    *,
    distance: float,
    camera_info: CameraInfo | None = None,
    rectified: bool = False,
) -> PlaneProjection:
    """
    Return the projection for images of (height, width) onto a plane at a distance in metres.

    With a calibrated CameraInfo, pixels are projected with the camera matrix K and undistorted
    with D, for the models plumb_bob, rational_polynomial and equidistant. With any other model, or
    a wrong number of coefficients, distortion is ignored. The image may show the region of
    interest of the CameraInfo, or the whole sensor if there is none, and it may be resized or
    binned. `rectified` images are projected with the left part of P, without distortion.

    With a CameraInfo that is not calibrated (K[0], or P[0] for `rectified` images, is 0) or has a
    `calibration_fault`, or without one, the image is only scaled: it is `distance` metres wide on
    the plane, each pixel is distance / width metres wide and high, and the centre of the image is
    on the optical axis. This corresponds to a horizontal field of view of 53 degrees.
    """
    sensor_matrix = (
        None if camera_info is None else calibrated_matrix(camera_info, rectified=rectified)
    )
    if camera_info is None or sensor_matrix is None:
        height, width = image_size
        matrix = _camera_matrix(width, width, (width - 1) / 2, (height - 1) / 2)
        return PlaneProjection(distance, image_size, matrix, np.zeros(4))
    matrix = _scale(sensor_matrix, camera_info, image_size)
    lens = _LENSES.get(camera_info.distortion_model)
    if rectified or lens is None or len(camera_info.d) not in lens.coefficients:
        return PlaneProjection(distance, image_size, matrix, np.zeros(4))
    return PlaneProjection(distance, image_size, matrix, np.array(camera_info.d), lens)


def _all_within(rows: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Return for each row of [N, K] whether no number is NaN or farther from 0 than the limit."""
    within: NDArray[np.bool_] = np.all(np.abs(rows) <= limit, axis=1)
    return within


def _scale(matrix: NDArray[np.float64], info: CameraInfo, image_size: Size) -> NDArray[np.float64]:
    """
    Convert a camera matrix from pixels of the whole sensor to pixels of the image, float64 [3, 3].

    The image shows the region of interest (all zeros mean the whole sensor) and may be resized.
    (0, 0) is the centre of the top left pixel, half a pixel from the corner of the image. Scaling
    keeps that corner in place, so coordinates are shifted by half a pixel before and after it.
    """
    (height, width), roi = image_size, info.roi
    x_scale = width / (roi.width or info.width or width)
    y_scale = height / (roi.height or info.height or height)
    return _camera_matrix(
        matrix[0, 0] * x_scale,
        matrix[1, 1] * y_scale,
        (matrix[0, 2] - roi.x_offset + 0.5) * x_scale - 0.5,
        (matrix[1, 2] - roi.y_offset + 0.5) * y_scale - 0.5,
    )


def _camera_matrix(fx: float, fy: float, cx: float, cy: float) -> NDArray[np.float64]:
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], np.float64)
