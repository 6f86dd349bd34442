import numpy as np
import pytest

from posenet_ros.spatial.lens import ignored_distortion, Lens, LENSES, MAX_SLOPE

MATRIX = np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])
# Strong, but invertible up to a slope of 1.5.
COEFFICIENTS = {
    'plumb_bob': (0.2, 0.05, 0.001, -0.001, 0.01),
    'rational_polynomial': (0.6, -0.1, 0.001, 0.001, 0.02, 0.9, 0.0, 0.0),
    'equidistant': (0.1, -0.02, 0.003, 0.0),
}


@pytest.mark.parametrize('name', list(LENSES))
def test_slopes_survive_the_way_to_pixels_and_back(name: str) -> None:
    lens, coefficients = LENSES[name], COEFFICIENTS[name]
    slopes = np.random.default_rng(0).uniform(-1.05, 1.05, (200, 2))
    pixels = lens.pixels(slopes, MATRIX, coefficients)
    np.testing.assert_allclose(lens.slopes(pixels, MATRIX, coefficients), slopes, atol=2e-6)


@pytest.mark.parametrize('lens', LENSES.values(), ids=list(LENSES))
def test_a_slope_above_the_maximum_has_no_pixel(lens: Lens) -> None:
    zeros = (0.0,) * lens.coefficients[0]
    slopes = np.array([[0.9 * MAX_SLOPE, 0.0], [1.1 * MAX_SLOPE, 0.0]])
    pixels = lens.pixels(slopes, MATRIX, zeros)
    np.testing.assert_array_equal(np.isnan(pixels).any(axis=1), [False, True])


@pytest.mark.parametrize(
    ('model', 'count', 'reason'),
    [
        ('plumb_bob', 3, 'plumb_bob has 3 coefficients, not 4 or 5'),
        ('equidistant', 5, 'equidistant has 5 coefficients, not 4'),
        ('of_tomorrow', 5, "'of_tomorrow' is not one of plumb_bob"),
    ],
)
def test_it_says_why_a_distortion_is_ignored(model: str, count: int, reason: str) -> None:
    assert reason in str(ignored_distortion(model, [0.1] * count))


@pytest.mark.parametrize(
    ('model', 'coefficients'),
    [('', []), ('plumb_bob', []), ('plumb_bob', [0.1] * 5), ('none', [0.0] * 5)],
)
def test_a_known_distortion_and_none_are_not_called_ignored(
    model: str, coefficients: list[float]
) -> None:
    assert ignored_distortion(model, coefficients) is None
