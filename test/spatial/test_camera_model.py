from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import CalibrationError
from posenet_ros.framing.framing import Size
from posenet_ros.spatial.calibration import Calibration, Region
from posenet_ros.spatial.camera_model import (
    camera_model,
    CameraModel,
    uncalibrated_camera,
)

SIZE = (480, 640)
FX, FY, CX, CY = 500.0, 510.0, 310.0, 250.0

PLUMB_BOB = [-0.35, 0.12, 0.001, -0.002, -0.02]
RATIONAL = [7.0, 4.0, 0.0003, -0.0004, 0.2, 7.3, 6.1, 1.1]
# An Azure Kinect's colour camera.
KINECT = [0.52, -2.71, 0.0009, -0.0002, 1.57, 0.4, -2.53, 1.5]
EQUIDISTANT = [-0.02, 0.005, -0.003, 0.0005]


def calibration(
    model: str = '', coefficients: list[float] | None = None, **more: Any
) -> Calibration:
    matrix = (FX, 0.0, CX, 0.0, FY, CY, 0.0, 0.0, 1.0)
    fields = {'sensor_size': SIZE, 'k': matrix, 'd': tuple(coefficients or []), **more}
    return Calibration(distortion_model=model, **fields)


def camera(
    model: str = '',
    coefficients: list[float] | None = None,
    *,
    image_size: Size = SIZE,
    **more: Any,
) -> CameraModel:
    return camera_model(calibration(model, coefficients, **more), image_size)


def grid(height: int = SIZE[0], width: int = SIZE[1]) -> NDArray[np.float64]:
    """Return a grid of pixels (x, y) that covers an image, [9, 9, 2]."""
    across, down = np.linspace(0, width - 1, 9), np.linspace(0, height - 1, 9)
    return np.stack(np.meshgrid(across, down), axis=-1)


def seen_at(points: NDArray[np.float64], made: Calibration) -> NDArray[np.float64]:
    """Return the pixels [..., 2] to which OpenCV projects points, [..., 3]."""
    project = (
        cv2.fisheye.projectPoints
        if made.distortion_model == 'equidistant'
        else cv2.projectPoints
    )  # fmt: skip
    matrix, coefficients = np.array(made.k).reshape(3, 3), np.array(made.d)
    pixels, _ = project(points.reshape(-1, 1, 3), np.zeros(3), np.zeros(3), matrix, coefficients)
    return np.asarray(pixels, np.float64).reshape(*points.shape[:-1], 2)


def test_the_principal_point_is_on_the_optical_axis() -> None:
    np.testing.assert_allclose(camera().to_rays(np.array([[CX, CY]])), [[0, 0, 1]])


def test_a_ray_moves_a_metre_sideways_for_each_focal_length_in_pixels() -> None:
    pixels = np.array([[CX + FX, CY], [CX, CY + FY]])
    np.testing.assert_allclose(camera().to_rays(pixels), [[1, 0, 1], [0, 1, 1]])


@pytest.mark.parametrize(
    ('model', 'coefficients'),
    [
        ('', []),
        ('plumb_bob', [0.0] * 5),
        ('plumb_bob', PLUMB_BOB),
        ('rational_polynomial', RATIONAL),
        ('rational_polynomial', KINECT),
        ('equidistant', EQUIDISTANT),
    ],
)
def test_pixels_become_rays_and_rays_the_same_pixels_within_a_thousandth(
    model: str, coefficients: list[float]
) -> None:
    made = calibration(model, coefficients)
    points = 3 * camera_model(made, SIZE).to_rays(grid())
    if coefficients:
        np.testing.assert_allclose(seen_at(points, made), grid(), atol=1e-3)
    np.testing.assert_allclose(camera_model(made, SIZE).to_pixels(points), grid(), atol=1e-3)


@pytest.mark.parametrize(
    ('model', 'coefficients'),
    [
        ('plumb_bob', PLUMB_BOB[:3]),
        ('equidistant', PLUMB_BOB),
        ('equidistant', [0.0] * 5),
        ('of_tomorrow', PLUMB_BOB),
        ('plumb_bob', []),
    ],
)
def test_an_unknown_distortion_is_ignored(model: str, coefficients: list[float]) -> None:
    made = calibration(model, coefficients)
    np.testing.assert_array_equal(
        camera_model(made, SIZE).to_rays(grid()), camera().to_rays(grid())
    )


def test_a_rectified_image_uses_p_without_distortion() -> None:
    p = (400.0, 0.0, 300.0, 0.0, 0.0, 420.0, 230.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    made = camera_model(calibration('plumb_bob', PLUMB_BOB, p=p), SIZE, rectified=True)
    rays = made.to_rays(np.array([[300.0, 230.0], [700.0, 650.0]]))
    np.testing.assert_allclose(rays, [[0, 0, 1], [1, 1, 1]], atol=1e-9)


def test_a_rectified_image_without_p_is_refused() -> None:
    with pytest.raises(CalibrationError, match=r'P\[0\] is 0'):
        camera_model(calibration('plumb_bob', PLUMB_BOB), SIZE, rectified=True)


def test_a_camera_that_is_not_calibrated_is_refused() -> None:
    with pytest.raises(CalibrationError, match=r'K\[0\] is 0; calibrate'):
        camera(k=(0.0,) * 9)


def in_resized(pixels: NDArray[np.float64], size: Size) -> NDArray[np.float64]:
    """Map pixels of the whole image to those of a resized one: corners stay, not centres."""
    scale = np.array([size[1] / SIZE[1], size[0] / SIZE[0]])
    resized: NDArray[np.float64] = (pixels + 0.5) * scale - 0.5
    return resized


@pytest.mark.parametrize(
    ('small', 'binning'),
    [
        ((240, 320), (0, 0)),
        ((240, 320), (2, 2)),
        ((240, 160), (4, 2)),
        ((120, 160), (2, 2)),
        ((960, 1280), (1, 1)),
    ],
)
def test_a_binned_or_resized_image_has_the_same_rays(
    small: Size, binning: tuple[int, int]
) -> None:
    made = camera('plumb_bob', PLUMB_BOB, image_size=small, binning=binning)
    np.testing.assert_allclose(
        made.to_rays(in_resized(grid(), small)),
        camera('plumb_bob', PLUMB_BOB).to_rays(grid()),
        atol=1e-6,
    )


def test_binning_that_leaves_a_column_over_scales_exactly() -> None:
    made = camera(image_size=(240, 320), sensor_size=(481, 641), binning=(2, 2))
    assert made.focal_length == FX / 2


@pytest.mark.parametrize(
    ('size', 'binning'), [((240, 160), (1, 1)), ((480, 480), (1, 1)), ((360, 640), (2, 2))]
)
def test_an_image_of_another_aspect_is_refused_with_both_sizes(
    size: Size, binning: tuple[int, int]
) -> None:
    expected = f'{640 // binning[0]} x {480 // binning[1]}'
    with pytest.raises(
        CalibrationError, match=f'{size[1]} x {size[0]} pixels, .* is for {expected}'
    ):
        camera(image_size=size, binning=binning)


def test_an_image_of_the_region_of_interest_has_the_rays_of_that_part() -> None:
    cut = camera(image_size=(300, 400), region=Region(100, 50, 400, 300))
    in_whole = grid(300, 400) + np.array([100, 50])
    np.testing.assert_allclose(cut.to_rays(grid(300, 400)), camera().to_rays(in_whole))


def test_a_binned_region_is_given_in_pixels_of_the_whole_sensor() -> None:
    cut = camera(image_size=(150, 200), region=Region(100, 50, 400, 300), binning=(2, 2))
    in_whole = (grid(150, 200) + 0.5) * 2 - 0.5 + np.array([100, 50])
    np.testing.assert_allclose(cut.to_rays(grid(150, 200)), camera().to_rays(in_whole))


def test_a_calibration_without_a_size_applies_to_the_size_of_the_image() -> None:
    made = camera(sensor_size=(0, 0))
    np.testing.assert_array_equal(made.to_rays(grid()), camera().to_rays(grid()))


@pytest.mark.parametrize('extreme', [1, 2**32 - 1])
@pytest.mark.filterwarnings('error')
def test_an_extreme_region_of_interest_is_refused(extreme: int) -> None:
    with pytest.raises(CalibrationError):
        camera(region=Region(extreme, extreme, extreme, extreme))


@pytest.mark.filterwarnings('error')
def test_an_extreme_offset_of_the_region_gives_finite_rays_or_none() -> None:
    made = camera(region=Region(2**32 - 1, 2**32 - 1, 640, 480))
    assert not np.isinf(made.to_rays(grid())).any()


def test_models_are_cached() -> None:
    assert camera('plumb_bob', PLUMB_BOB) is camera('plumb_bob', PLUMB_BOB)


def test_without_a_calibration_the_focal_length_is_the_width_of_the_image() -> None:
    corners = np.array([[-0.5, -0.5], [639.5, 479.5]])  # of the outermost pixels of the image
    rays = uncalibrated_camera(SIZE).to_rays(corners)
    np.testing.assert_allclose(rays, [[-0.5, -0.375, 1], [0.5, 0.375, 1]], atol=1e-12)


@pytest.mark.parametrize(
    ('model', 'coefficients'),
    [
        ('plumb_bob', PLUMB_BOB),
        ('rational_polynomial', RATIONAL),
        ('equidistant', EQUIDISTANT),
        ('', []),
    ],
)
@pytest.mark.parametrize('far', [1e4, -1e9, 1e30, 1e300, np.inf, np.nan])
def test_a_pixel_far_outside_the_image_has_no_ray(
    model: str, coefficients: list[float], far: float
) -> None:
    assert np.isnan(camera(model, coefficients).to_rays(np.array([[far, CY]]))).all()


# Barrel distortion r - 0.3 r^3 projects no ray beyond 0.703 focal lengths from the centre. That is
# where the ray with the slope 1.054 arrives; those beyond come back towards the centre.
BARREL = [-0.3, 0.0, 0.0, 0.0, 0.0]


def test_a_pixel_that_no_ray_reaches_has_no_ray() -> None:
    made = camera('plumb_bob', BARREL)
    inside, outside = np.array([[CX + 0.69 * FX, CY]]), np.array([[CX + 0.72 * FX, CY]])
    assert np.isfinite(made.to_rays(inside)).all()
    assert np.isnan(made.to_rays(outside)).all()


def test_a_ray_beyond_the_range_of_the_lens_model_has_no_pixel() -> None:
    made = camera('plumb_bob', BARREL)
    slopes = np.array([0.9, 1.2, 1.6])
    pixels = made.to_pixels(np.stack([slopes, np.zeros(3), np.ones(3)], axis=1))
    np.testing.assert_array_equal(np.isfinite(pixels).all(axis=1), [True, False, False])


def test_a_ray_behind_a_fisheye_lens_is_not_returned() -> None:
    angles = np.deg2rad([80, 89, 91, 120])
    pixels = np.stack([CX + FX * angles, np.full(4, CY)], axis=1)
    rays = camera('equidistant', [0.0] * 4).to_rays(pixels)
    np.testing.assert_array_equal(np.isfinite(rays).all(axis=1), [True, False, False, False])


@pytest.mark.parametrize('model', ['', 'equidistant'])
@pytest.mark.parametrize('point', [[0.0, 0.0, -1.0], [0.1, 0.1, 0.0], [np.nan, 0.0, 1.0]])
@pytest.mark.filterwarnings('error')
def test_a_point_that_is_not_in_front_of_the_camera_has_no_pixel(
    model: str, point: list[float]
) -> None:
    made = camera(model, [0.0] * 4 if model else [])
    assert np.isnan(made.to_pixels(np.array([point]))).all()


@pytest.mark.parametrize('model', ['', 'equidistant'])
def test_an_empty_array_gives_an_empty_array(model: str) -> None:
    made = camera(model, EQUIDISTANT if model else [])
    assert made.to_rays(np.zeros((0, 2, 2))).shape == (0, 2, 3)
    assert made.to_pixels(np.zeros((0, 3))).shape == (0, 2)
