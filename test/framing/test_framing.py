from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from posenet_ros.framing.framing import Framing, Window

SIDES = st.integers(1, 8192)
SIZES = st.tuples(SIDES, SIDES)
STARTS = st.integers(-8192, 8192)
WINDOWS = st.builds(Window, STARTS, STARTS, SIDES, SIDES)


@given(SIZES, SIZES, WINDOWS, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_points_of_any_image_map_to_the_network_input_and_back(
    image_size: tuple[int, int], input_size: tuple[int, int], window: Window, x: float, y: float
) -> None:
    framing = Framing(image_size, input_size, window)
    point = np.array([x * image_size[1], y * image_size[0]])
    np.testing.assert_allclose(framing.to_image(framing.to_network(point)), point, atol=1e-3)


def test_the_window_affects_scale_and_points() -> None:
    framing = Framing((100, 200), (50, 50), Window(-50, 0, 200, 200))
    assert framing.scale == (4.0, 4.0)
    np.testing.assert_array_equal(framing.to_image(np.array([[25.0, 25.0]])), [[100.0, 50.0]])
    np.testing.assert_array_equal(framing.to_network(np.array([[0.0, 0.0]])), [[0.0, 12.5]])


def test_scales_along_y_and_x_may_differ() -> None:
    framing = Framing((100, 200), (10, 50), Window(30, 20, 60, 100))
    assert framing.scale == (6.0, 2.0)
    np.testing.assert_array_equal(framing.to_image(np.array([[1.0, 2.0]])), [[22.0, 42.0]])
