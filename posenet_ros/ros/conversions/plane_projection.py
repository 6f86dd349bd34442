"""
From pixels of an image to points on a plane in front of its camera.

One camera says nothing of how far away a person is. So everybody is put onto the plane that
faces the camera at a distance of the user's choice, where the ray through each pixel meets it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

from posenet_ros.framing.framing import Size

# Rays that lead more than this many metres aside for each metre ahead (84 degrees) meet the plane
# too far off to be of use.
_STEEPEST = 10.0

# Distortion of a pinhole camera is undone by iteration, until the result is this near in pixels.
# Towards the edge of a strong lens more than OpenCV's usual 5 rounds are needed.
_CRITERIA = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 100, 1e-4)

# A position that OpenCV has undistorted right is distorted to its pixel again, to this many
# pixels. Otherwise the lens shows nothing there: its model holds only so far outside the image.
_TOLERANCE = 0.5

# For OpenCV: no rotation, no translation, no other camera.
_NONE, _SAME = np.zeros(3), np.eye(3)


@dataclass(frozen=True)
class _Lens:
    """A distortion model: OpenCV's functions, and how many coefficients they take."""

    undistort: Callable[..., Any]
    project: Callable[..., Any]
    coefficients: tuple[int, ...]


def _undistort_pinhole(pixels: Any, matrix: Any, distortion: Any) -> Any:
    return cv2.undistortPointsIter(pixels, matrix, distortion, _SAME, _SAME, _CRITERIA)


_PINHOLE = _Lens(_undistort_pinhole, cv2.projectPoints, (4, 5, 8, 12, 14))
_FISHEYE = _Lens(cv2.fisheye.undistortPoints, cv2.fisheye.projectPoints, (4,))

# Source of the names: sensor_msgs/distortion_models.hpp.
_LENSES = {
    'plumb_bob': _PINHOLE,
    'rational_polynomial': _PINHOLE,
    'equidistant': _FISHEYE,
}


@dataclass(frozen=True, eq=False)
class PlaneProjection:
    """
    The map from pixels of one camera's images to the plane that faces the camera.

    Made by :func:`projection_of`.
    """

    #: From the camera to the plane, in metres.
    distance: float
    #: (height, width) of the images in pixels.
    image_size: Size
    #: Focal lengths and principal point in pixels of the images, float64 [3, 3].
    camera_matrix: NDArray[np.float64]
    #: Coefficients of the lens, float64 [K].
    distortion: NDArray[np.float64]
    #: The model that the coefficients are of.
    lens: _Lens = _PINHOLE

    @property
    def metres_per_pixel(self) -> float:
        """Return how many metres of the plane one pixel spans, at the optical axis."""
        return self.distance / float(self.camera_matrix[0, 0])

    def to_plane(self, keypoints: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Map (x, y) in pixels of the image, float64 [..., 2], to (x, y, z), float64 [..., 3].

        The points are in metres in the camera's optical frame (REP 103: x to the right, y down,
        z ahead), with z = distance. NaN, all three, where a pixel has no place on the plane:
        where it is not finite, its ray leads more than 84 degrees to one side, up or down, or
        the model of the lens shows nothing there.
        """
        pixels = np.ascontiguousarray(keypoints, np.float64).reshape(-1, 1, 2)
        slopes = np.ones((len(pixels), 3))
        if len(pixels):  # OpenCV refuses to undistort nothing
            camera = (self.camera_matrix, self.distortion)
            slopes[:, :2] = self.lens.undistort(pixels, *camera)[:, 0]
            slopes[~self._is_right(slopes, pixels[:, 0])] = np.nan
        return (slopes * self.distance).reshape(*keypoints.shape[:-1], 3)

    def _is_right(
        self, slopes: NDArray[np.float64], pixels: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Tell which rays (x, y, 1), float64 [N, 3], the lens shows at their pixels [N, 2]."""
        flat_enough = _all_within(slopes[:, :2], _STEEPEST)
        rays = np.where(flat_enough[:, None], slopes, [0.0, 0.0, 1.0])[:, None]
        shown, _ = self.lens.project(rays, _NONE, _NONE, self.camera_matrix, self.distortion)
        return flat_enough & _all_within(shown[:, 0] - pixels, _TOLERANCE)


def projection_of(
    image_size: Size,
    *,
    distance: float,
    camera_info: CameraInfo | None = None,
    rectified: bool = False,
) -> PlaneProjection:
    """
    Return the projection for images of (height, width), with the plane at a distance in metres.

    With a CameraInfo: through its camera matrix K, undistorted where the model is plumb_bob,
    rational_polynomial or equidistant (D of any other model, or of a wrong length, counts as no
    distortion). The image may be a resized or binned one of the message's region of interest,
    or of all its pixels where it has none. A `rectified` image has the matrix in P, and no
    distortion.

    Without one, or with an uncalibrated one (K[0], or for rectified images P[0], is 0, or
    a number of them or of D is not finite): by
    scale alone, so that one pixel is distance / width metres wide and high, and the whole image
    `distance` metres wide, with its middle on the optical axis. That is how a camera sees it
    whose field of view is 53 degrees across.
    """
    of_camera = None if camera_info is None else _matrix(camera_info, rectified=rectified)
    if camera_info is None or of_camera is None:
        height, width = image_size
        matrix = _camera_matrix(width, width, (width - 1) / 2, (height - 1) / 2)
        return PlaneProjection(distance, image_size, matrix, np.zeros(4))
    matrix = _scaled(of_camera, camera_info, image_size)
    lens = _LENSES.get(camera_info.distortion_model)
    if rectified or lens is None or len(camera_info.d) not in lens.coefficients:
        return PlaneProjection(distance, image_size, matrix, np.zeros(4))
    return PlaneProjection(distance, image_size, matrix, np.array(camera_info.d), lens)


def _all_within(rows: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Tell in which rows, [N, K], no number is farther from 0 than a limit; NaN is."""
    within: NDArray[np.bool_] = np.all(np.abs(rows) <= limit, axis=1)
    return within


def _matrix(info: CameraInfo, *, rectified: bool) -> NDArray[np.float64] | None:
    """Return K, or the left part of P, float64 [3, 3]; None when it is not calibrated."""
    given = info.p.reshape(3, 4)[:, :3] if rectified else info.k.reshape(3, 3)
    matrix = np.asarray(given, np.float64)
    finite = np.isfinite(matrix).all() and np.isfinite(info.d).all()
    return matrix if finite and matrix[0, 0] > 0 and matrix[1, 1] > 0 else None


def _scaled(
    matrix: NDArray[np.float64], info: CameraInfo, image_size: Size
) -> NDArray[np.float64]:
    """
    Return a camera's matrix in pixels of the image, float64 [3, 3].

    It is given in pixels of the whole sensor. The image shows the region of interest, of which
    all zeros means everything, in another size perhaps. (0, 0) is the middle of a pixel, so that
    the pixels' corners, half a pixel off, are what scales.
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
