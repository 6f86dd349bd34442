import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import DepthError
from posenet_ros.spatial.depth_image import depth_image

SIZE = (4, 6)


def pixels(*points: tuple[float, float]) -> NDArray[np.float64]:
    """Return points (x, y) in one array, float64 [2, N]."""
    return np.array(points, np.float64).T


def millimetres(number: int = 1500) -> NDArray[np.uint16]:
    return np.full(SIZE, number, np.uint16)


def test_16_bits_are_millimetres() -> None:
    np.testing.assert_allclose(depth_image(millimetres(), SIZE).at(pixels((2, 3))), [1.5])


def test_floats_are_metres() -> None:
    depth = depth_image(np.full(SIZE, 1.5, np.float32), SIZE)
    np.testing.assert_allclose(depth.at(pixels((2, 3))), [1.5])


@pytest.mark.parametrize('number', [0, 65535])
def test_millimetres_of_0_and_of_the_largest_number_are_unknown(number: int) -> None:
    assert np.isnan(depth_image(millimetres(number), SIZE).at(pixels((2, 3)))).all()


@pytest.mark.parametrize('number', [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-45, 65.535, 1e10, 3e38])
@pytest.mark.filterwarnings('error')
def test_metres_outside_the_range_of_16_bits_are_unknown(number: float) -> None:
    depth = depth_image(np.full(SIZE, number, np.float32), SIZE)
    assert np.isnan(depth.at(pixels((2, 3)))).all()


@pytest.mark.parametrize('dtype', ['<u2', '>u2', '<f4', '>f4'])
def test_both_byte_orders_are_read(dtype: str) -> None:
    values = np.full(SIZE, 2, dtype)
    expected = 0.002 if 'u' in dtype else 2.0
    np.testing.assert_allclose(depth_image(values, SIZE).at(pixels((0, 0))), [expected])


def test_each_pixel_has_its_own_depth() -> None:
    values = np.arange(1, 25, dtype=np.uint16).reshape(SIZE)
    found = depth_image(values, SIZE).at(pixels((0, 0), (5, 0), (0, 3), (5.4, 2.6)))
    np.testing.assert_allclose(found, [0.001, 0.006, 0.019, 0.024])


def test_a_part_of_a_larger_array_is_read() -> None:
    padded = np.zeros((4, 8), np.uint16)
    padded[:, :6] = np.arange(1, 25).reshape(SIZE)
    np.testing.assert_allclose(depth_image(padded[:, :6], SIZE).at(pixels((5, 3))), [0.024])


@pytest.mark.parametrize(
    'point',
    [(-0.6, 0), (0, -0.6), (5.6, 0), (0, 3.6), (np.nan, 0), (0, np.nan), (1e300, 0), (0, -np.inf)],
)
@pytest.mark.filterwarnings('error')
def test_outside_the_image_depth_is_unknown(point: tuple[float, float]) -> None:
    assert np.isnan(depth_image(millimetres(), SIZE).at(pixels(point))).all()


@pytest.mark.parametrize('size', [(2, 3), (8, 12)])
def test_depth_of_another_resolution_is_read_at_the_same_place(size: tuple[int, int]) -> None:
    values = np.full(size, 1000, np.uint16)
    third = size[1] // 3
    values[:, third:-third] = 2000  # the columns 2 and 3 of the image
    found = depth_image(values, SIZE).at(pixels((1, 0), (2, 0), (3, 3), (4, 3)))
    np.testing.assert_allclose(found, [1, 2, 2, 1])


def test_depth_of_another_aspect_is_refused_with_both_sizes() -> None:
    with pytest.raises(DepthError, match=r'848 x 480 pixels, .* of 640 x 480'):
        depth_image(np.zeros((480, 848), np.uint16), (480, 640))


@pytest.mark.parametrize('size', [(0, 0), (0, 6)])
def test_an_empty_depth_image_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(DepthError):
        depth_image(np.zeros(size, np.uint16), SIZE)


@pytest.mark.parametrize('dtype', [np.uint8, np.int16, np.float64, np.uint32])
def test_values_of_another_kind_are_refused_by_their_dtype(dtype: type) -> None:
    with pytest.raises(DepthError, match=np.dtype(dtype).name):
        depth_image(np.ones(SIZE, dtype), SIZE)


def test_values_with_channels_are_refused() -> None:
    with pytest.raises(DepthError, match=r'\[4, 6, 1\]'):
        depth_image(np.ones((*SIZE, 1), np.uint16), SIZE)


def test_the_shape_of_the_points_is_kept() -> None:
    assert depth_image(millimetres(), SIZE).at(np.zeros((2, 3, 5))).shape == (3, 5)
