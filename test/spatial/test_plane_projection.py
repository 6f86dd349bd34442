import numpy as np
import pytest

from posenet_ros.spatial.calibration import Calibration
from posenet_ros.spatial.camera_model import camera_model, uncalibrated_camera
from posenet_ros.spatial.plane_projection import PlaneProjection

SIZE = (480, 640)
CALIBRATION = Calibration(
    sensor_size=SIZE,
    k=(500.0, 0.0, 310.0, 0.0, 510.0, 250.0, 0.0, 0.0, 1.0),
    d=(-0.35, 0.12, 0.001, -0.002, -0.02),
    distortion_model='plumb_bob',
)
CAMERA = camera_model(CALIBRATION, SIZE)


def test_all_points_are_on_the_plane_and_on_the_rays_of_their_pixels() -> None:
    pixels = np.array([[[310.0, 250.0], [0.0, 0.0]], [[639.0, 479.0], [100.0, 300.0]]])
    points = PlaneProjection(CAMERA, 2.5).to_plane(pixels)
    np.testing.assert_allclose(points[..., 2], 2.5)
    np.testing.assert_allclose(points[0, 0], [0, 0, 2.5], atol=1e-9)
    np.testing.assert_allclose(CAMERA.to_pixels(points), pixels, atol=1e-3)


def test_a_pixel_without_a_ray_has_no_position_on_the_plane() -> None:
    assert np.isnan(PlaneProjection(CAMERA, 2.5).to_plane(np.array([[1e9, 250.0]]))).all()


def test_without_a_calibration_the_image_is_as_wide_as_the_plane_is_far_away() -> None:
    projection = PlaneProjection(uncalibrated_camera(SIZE), 2.0)
    corners = np.array([[-0.5, -0.5], [639.5, 479.5]])  # of the outermost pixels of the image
    expected = [[-1, -0.75, 2], [1, 0.75, 2]]
    np.testing.assert_allclose(projection.to_plane(corners), expected, atol=1e-12)


def test_metres_per_pixel_is_the_distance_between_neighbouring_pixels_on_the_plane() -> None:
    projection = PlaneProjection(uncalibrated_camera((240, 320)), 3.0)
    left, right = projection.to_plane(np.array([[159.0, 120.0], [160.0, 120.0]]))
    assert projection.metres_per_pixel == pytest.approx(right[0] - left[0])
