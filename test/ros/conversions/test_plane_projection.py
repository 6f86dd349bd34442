from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_msgs.msg import CameraInfo, RegionOfInterest

from posenet_ros.ros.conversions.plane_projection import projection_of

SIZE = (480, 640)
FX, FY, CX, CY = 500.0, 510.0, 310.0, 250.0

PLUMB_BOB = [-0.35, 0.12, 0.001, -0.002, -0.02]
RATIONAL = [7.0, 4.0, 0.0003, -0.0004, 0.2, 7.3, 6.1, 1.1]
EQUIDISTANT = [-0.02, 0.005, -0.003, 0.0005]


def camera_info(model: str = '', coefficients: list[float] | None = None, **more: Any) -> Any:
    matrix = [FX, 0.0, CX, 0.0, FY, CY, 0.0, 0.0, 1.0]
    fields = {'height': SIZE[0], 'width': SIZE[1], 'k': matrix, 'd': coefficients or [], **more}
    return CameraInfo(distortion_model=model, **fields)


def grid(height: int = SIZE[0], width: int = SIZE[1]) -> NDArray[np.float64]:
    """Return a grid of pixels (x, y) that covers an image, [9, 9, 2]."""
    across, down = np.linspace(0, width - 1, 9), np.linspace(0, height - 1, 9)
    return np.stack(np.meshgrid(across, down), axis=-1)


def seen_at(points: NDArray[np.float64], info: Any) -> NDArray[np.float64]:
    """Return the pixels [..., 2] to which OpenCV projects points, [..., 3]."""
    project = (
        cv2.fisheye.projectPoints
        if info.distortion_model == 'equidistant'
        else cv2.projectPoints
    )  # fmt: skip
    matrix, coefficients = info.k.reshape(3, 3), np.array(info.d)
    pixels, _ = project(points.reshape(-1, 1, 3), np.zeros(3), np.zeros(3), matrix, coefficients)
    return np.asarray(pixels, np.float64).reshape(*points.shape[:-1], 2)


def test_the_principal_point_is_on_the_optical_axis() -> None:
    projection = projection_of(SIZE, distance=2.5, camera_info=camera_info())
    np.testing.assert_allclose(projection.to_plane(np.array([[CX, CY]])), [[0, 0, 2.5]])


def test_one_focal_length_in_pixels_maps_to_the_distance_of_the_plane() -> None:
    projection = projection_of(SIZE, distance=2.5, camera_info=camera_info())
    pixels = np.array([[CX + FX, CY], [CX, CY + FY]])
    np.testing.assert_allclose(projection.to_plane(pixels), [[2.5, 0, 2.5], [0, 2.5, 2.5]])


@pytest.mark.parametrize(
    ('model', 'coefficients'),
    [
        ('plumb_bob', [0.0] * 5),
        ('plumb_bob', PLUMB_BOB),
        ('rational_polynomial', RATIONAL),
        ('equidistant', EQUIDISTANT),
    ],
)
def test_opencv_projects_each_point_on_the_plane_back_to_its_pixel(
    model: str, coefficients: list[float]
) -> None:
    info = camera_info(model, coefficients)
    points = projection_of(SIZE, distance=3, camera_info=info).to_plane(grid())
    np.testing.assert_allclose(points[..., 2], 3)
    np.testing.assert_allclose(seen_at(points, info), grid(), atol=1e-3)


@pytest.mark.parametrize(
    ('model', 'coefficients'),
    [('plumb_bob', PLUMB_BOB[:3]), ('equidistant', PLUMB_BOB), ('of_tomorrow', PLUMB_BOB)],
)
def test_an_unknown_distortion_is_ignored(model: str, coefficients: list[float]) -> None:
    info = camera_info(model, coefficients)
    points = projection_of(SIZE, distance=3, camera_info=info).to_plane(grid())
    straight = projection_of(SIZE, distance=3, camera_info=camera_info()).to_plane(grid())
    np.testing.assert_array_equal(points, straight)


def test_a_rectified_image_is_projected_by_p_without_distortion() -> None:
    p = [400.0, 0.0, 300.0, 0.0, 0.0, 420.0, 230.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    info = camera_info('plumb_bob', PLUMB_BOB, p=p)
    projection = projection_of(SIZE, distance=2.5, camera_info=info, rectified=True)
    points = projection.to_plane(np.array([[300.0, 230.0], [700.0, 650.0]]))
    np.testing.assert_allclose(points, [[0, 0, 2.5], [2.5, 2.5, 2.5]], atol=1e-9)


def test_a_rectified_image_without_p_is_only_scaled() -> None:
    info = camera_info('plumb_bob', PLUMB_BOB)
    projection = projection_of(SIZE, distance=3, camera_info=info, rectified=True)
    expected = projection_of(SIZE, distance=3).to_plane(grid())
    np.testing.assert_array_equal(projection.to_plane(grid()), expected)


@pytest.mark.parametrize('small', [(240, 320), (240, 160)])
def test_a_resized_image_maps_to_the_same_points(small: tuple[int, int]) -> None:
    info = camera_info('plumb_bob', PLUMB_BOB)
    in_full = grid()
    scale = np.array([small[1] / SIZE[1], small[0] / SIZE[0]])
    in_small = (
        in_full + 0.5
    ) * scale - 0.5  # scaling keeps the corners of pixels, not their centres
    np.testing.assert_allclose(
        projection_of(small, distance=3, camera_info=info).to_plane(in_small),
        projection_of(SIZE, distance=3, camera_info=info).to_plane(in_full),
        atol=1e-3,
    )


def test_a_region_of_interest_maps_to_the_same_points() -> None:
    region = RegionOfInterest(x_offset=100, y_offset=50, width=400, height=300)
    whole, cut = camera_info(), camera_info(roi=region)
    in_whole = grid(300, 400) + np.array([100, 50])
    np.testing.assert_allclose(
        projection_of((300, 400), distance=3, camera_info=cut).to_plane(grid(300, 400)),
        projection_of(SIZE, distance=3, camera_info=whole).to_plane(in_whole),
    )


def test_a_camera_info_without_a_size_applies_to_the_size_of_the_image() -> None:
    points = projection_of(SIZE, distance=3, camera_info=camera_info(width=0, height=0))
    whole = projection_of(SIZE, distance=3, camera_info=camera_info())
    np.testing.assert_array_equal(points.to_plane(grid()), whole.to_plane(grid()))


def test_without_a_camera_info_the_width_of_the_image_equals_the_distance() -> None:
    projection = projection_of(SIZE, distance=2)
    corners = np.array([[-0.5, -0.5], [639.5, 479.5]])  # of the outermost pixels of the image
    expected = [[-1, -0.75, 2], [1, 0.75, 2]]
    np.testing.assert_allclose(projection.to_plane(corners), expected, atol=1e-12)


@pytest.mark.parametrize(
    'wrong',
    [
        {'k': [0.0] * 9},
        {'k': [np.nan] * 9},
        {'distortion_model': 'plumb_bob', 'd': [np.nan] * 5},
    ],
)
def test_an_uncalibrated_camera_info_is_ignored(wrong: dict[str, Any]) -> None:
    info = camera_info()
    for name, value in wrong.items():
        setattr(info, name, value)
    points = projection_of(SIZE, distance=2, camera_info=info).to_plane(grid())
    np.testing.assert_array_equal(points, projection_of(SIZE, distance=2).to_plane(grid()))


@pytest.mark.parametrize('extreme', [1, 2**32 - 1])
@pytest.mark.filterwarnings('error')
def test_an_extreme_region_of_interest_gives_finite_positions_or_none(extreme: int) -> None:
    roi = RegionOfInterest(x_offset=extreme, y_offset=extreme, width=extreme, height=extreme)
    projection = projection_of(SIZE, distance=2, camera_info=camera_info(roi=roi))
    assert not np.isinf(projection.to_plane(grid())).any()
    assert np.isfinite(projection.metres_per_pixel)


def test_metres_per_pixel_is_the_distance_between_neighbouring_pixels_on_the_plane() -> None:
    projection = projection_of((240, 320), distance=3, camera_info=camera_info())
    left, right = projection.to_plane(np.array([[159.0, 120.0], [160.0, 120.0]]))
    assert projection.metres_per_pixel == pytest.approx(right[0] - left[0])


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
def test_a_pixel_far_outside_the_image_has_no_position_on_the_plane(
    model: str, coefficients: list[float], far: float
) -> None:
    info = camera_info(model, coefficients)
    points = projection_of(SIZE, distance=3, camera_info=info).to_plane(np.array([[far, CY]]))
    assert np.isnan(points).all()


def test_a_pixel_that_no_ray_reaches_has_no_position_on_the_plane() -> None:
    # Barrel distortion r - 0.3 r^3 projects no ray beyond 0.703 focal lengths from the centre.
    info = camera_info('plumb_bob', [-0.3, 0.0, 0.0, 0.0, 0.0])
    projection = projection_of(SIZE, distance=3, camera_info=info)
    inside, outside = np.array([[CX + 0.69 * FX, CY]]), np.array([[CX + 0.72 * FX, CY]])
    assert np.isfinite(projection.to_plane(inside)).all()
    assert np.isnan(projection.to_plane(outside)).all()


def test_a_ray_behind_a_fisheye_lens_has_no_position_on_the_plane() -> None:
    info = camera_info('equidistant', [0.0] * 4)
    projection = projection_of(SIZE, distance=3, camera_info=info)
    angles = np.deg2rad([80, 89, 91, 120])
    pixels = np.stack([CX + FX * angles, np.full(4, CY)], axis=1)
    on_plane = np.isfinite(projection.to_plane(pixels)).all(axis=1)
    np.testing.assert_array_equal(on_plane, [True, False, False, False])


def test_an_empty_array_gives_an_empty_array() -> None:
    projection = projection_of(SIZE, distance=3, camera_info=camera_info())
    assert projection.to_plane(np.zeros((0, 2, 2))).shape == (0, 2, 3)
