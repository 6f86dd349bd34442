"""
The camera model: which ray belongs to a pixel of a camera's images, and the other way round.

Rays and points are in the optical frame of the camera that took the image (REP 103: x to the
right, y down, z forward). So R is not used, nor Tx and Ty of P: they lead to the frame of a stereo
pair.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from posenet_ros.errors import CalibrationError
from posenet_ros.framing.framing import Size
from posenet_ros.spatial.calibration import Calibration, Region
from posenet_ros.spatial.lens import (
    all_within,
    ignored_distortion,
    Lens,
    LENSES,
    MAX_SLOPE,
    PINHOLE,
)

Array = NDArray[np.float64]

# An image has the aspect of its calibration if its height (or width) differs by at most this many
# pixels from the one that fits: sizes are whole numbers.
_ROUNDING = 1.0


@dataclass(frozen=True, eq=False)
class CameraModel:
    """Create one with :func:`camera_model` or :func:`uncalibrated_camera`."""

    #: (height, width) of the images in pixels.
    image_size: Size
    #: Focal lengths and principal point in pixels of the images, float64 [3, 3].
    matrix: Array
    #: None if there is no distortion.
    lens: Lens | None = None
    #: Distortion coefficients of the lens.
    distortion: tuple[float, ...] = ()

    @property
    def focal_length(self) -> float:
        """Return the horizontal focal length in pixels of the image."""
        return float(self.matrix[0, 0])

    def to_rays(self, pixels: Array) -> Array:
        """
        Map (x, y) in pixels of the image, float64 [..., 2], to rays (x, y, 1), float64 [..., 3].

        A ray times a depth z in metres is the point at that depth. All three numbers are NaN for a
        pixel without a ray: if it is not finite, if its ray points more than 84 degrees sideways,
        up or down, or if no ray reaches it in the lens model.
        """
        slopes = self._slopes(pixels.reshape(-1, 2))
        rays = np.empty((len(slopes), 3))
        rays[:, :2] = slopes
        rays[:, 2] = 0 * slopes[:, 0] + 1  # NaN if the slopes are
        return rays.reshape(*pixels.shape[:-1], 3)

    def to_pixels(self, points: Array) -> Array:
        """
        Map points in metres, float64 [..., 3], to (x, y) in pixels of the image, float64 [..., 2].

        Both are NaN for a point that is not in front of the camera or not finite, more than 84
        degrees away from the optical axis, or outside the range of the lens model. Pixels may be
        outside the image.
        """
        rows = points.reshape(-1, 3)
        depths = rows[:, 2:]
        in_front = depths > 0
        slopes = np.divide(
            rows[:, :2], depths, out=np.full((len(rows), 2), np.nan), where=in_front
        )
        return self._pixels(slopes).reshape(*points.shape[:-1], 2)

    def _slopes(self, pixels: Array) -> Array:
        if self.lens:
            return self.lens.slopes(pixels, self.matrix, self.distortion)
        slopes = pixels - self.matrix[:2, 2]
        slopes /= self.matrix[[0, 1], [0, 1]]
        return _usable(slopes)

    def _pixels(self, slopes: Array) -> Array:
        if self.lens:
            return self.lens.pixels(slopes, self.matrix, self.distortion)
        return _usable(slopes) * self.matrix[[0, 1], [0, 1]] + self.matrix[:2, 2]


def uncalibrated_camera(image_size: Size) -> CameraModel:
    """
    Return a guess for images of (height, width) without a calibration.

    The focal length is the width of the image, which is a horizontal field of view of 53 degrees.
    The centre of the image is on the optical axis.
    """
    height, width = image_size
    matrix = _matrix(width, width, (width - 1) / 2, (height - 1) / 2)
    return CameraModel(image_size, matrix)


@lru_cache(maxsize=64)
def camera_model(
    calibration: Calibration, image_size: Size, *, rectified: bool = False
) -> CameraModel:
    """
    Return the model of a calibrated camera for its images of (height, width).

    Rays of raw images use K and the distortion D, for the models plumb_bob, rational_polynomial
    and equidistant. With any other model, or a wrong number of coefficients, distortion is
    ignored: see `ignored_distortion`. `rectified` images use the left part of P instead, without
    distortion.

    The image shows the region of interest, or the whole sensor if there is none, binned as the
    calibration says. It may have been resized since, in its aspect. Models are cached.

    Raises CalibrationError if the camera is not calibrated, if a number is not possible, or if the
    image cannot be from this camera because its aspect is another one.
    """
    name = 'P' if rectified else 'K'
    if not calibration.is_calibrated(rectified=rectified):
        raise CalibrationError(f'{name}[0] is 0; calibrate the camera')
    fault = calibration.fault(rectified=rectified)
    if fault:
        raise CalibrationError(f'{fault}; calibrate the camera')
    numbers = calibration.p if rectified else calibration.k
    sensor_matrix = np.array(numbers, np.float64).reshape(3, -1)[:, :3]
    matrix = _scaled(sensor_matrix, calibration, image_size)
    lens = LENSES.get(calibration.distortion_model)
    if rectified or lens is None or not _is_distorted(calibration, lens):
        return CameraModel(image_size, matrix)
    return CameraModel(image_size, matrix, lens, calibration.d)


def _is_distorted(calibration: Calibration, lens: Lens) -> bool:
    coefficients = calibration.d
    if not coefficients or ignored_distortion(calibration.distortion_model, coefficients):
        return False
    # An equidistant lens is distorted even if all its coefficients are 0.
    return lens is not PINHOLE or any(coefficients)


def _scaled(matrix: Array, calibration: Calibration, image_size: Size) -> Array:
    """
    Convert a camera matrix from pixels of the whole sensor to pixels of the image, float64 [3, 3].

    (0, 0) is the centre of the top left pixel, half a pixel from the corner of the image. Scaling
    keeps that corner in place, so coordinates are shifted by half a pixel before and after it.
    """
    height, width = calibration.sensor_size
    if not (height and width):
        height, width = image_size
    region = calibration.region or Region(0, 0, width, height)
    x_scale, y_scale = _scales(region, calibration.binning, image_size)
    return _matrix(
        matrix[0, 0] * x_scale,
        matrix[1, 1] * y_scale,
        (matrix[0, 2] - region.x + 0.5) * x_scale - 0.5,
        (matrix[1, 2] - region.y + 0.5) * y_scale - 0.5,
    )


def _scales(region: Region, binning: tuple[int, int], image_size: Size) -> tuple[float, float]:
    """Return pixels of the image for each pixel of the sensor, across and down."""
    height, width = image_size
    across, down = (max(1, number) for number in binning)
    if (height, width) == (region.height // down, region.width // across):
        return 1 / across, 1 / down
    expected_width, expected_height = region.width / across, region.height / down
    fitting_width = height * expected_width / expected_height
    fitting_height = width * expected_height / expected_width
    if min(abs(width - fitting_width), abs(height - fitting_height)) > _ROUNDING:
        raise CalibrationError(
            f'the image is {width} x {height} pixels, but the calibration is for '
            f'{expected_width:g} x {expected_height:g}; publish the camera_info of these images'
        )
    return width / region.width, height / region.height


def _usable(slopes: Array) -> Array:
    """Return slopes, float64 [N, 2], with NaN for those of rays that are not usable."""
    slopes[~all_within(slopes, MAX_SLOPE)] = np.nan
    return slopes


def _matrix(fx: float, fy: float, cx: float, cy: float) -> Array:
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], np.float64)
