from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.framing.framing import Framing, Size, Window
from posenet_ros.framing.sampling import sample_images, Samples
from posenet_ros.framing.whole_image import letterboxed, stretched

Image = NDArray[np.uint8]


def noise(height: int, width: int) -> Image:
    return np.random.default_rng(0).integers(1, 256, (height, width, 3), np.uint8)


def cropped(image: Image, window: Window) -> Image:
    """Return the window of an image, with zeros outside of the image."""
    top, left, height, width = window
    canvas = np.zeros((height, width, 3), np.uint8)
    rows = slice(max(top, 0), max(min(top + height, image.shape[0]), 0))
    columns = slice(max(left, 0), max(min(left + width, image.shape[1]), 0))
    part = image[rows, columns]
    y, x = max(-top, 0), max(-left, 0)
    part_height, part_width, _ = part.shape
    canvas[y:, x:][:part_height, :part_width] = part
    return canvas


def blended(samples: Samples) -> NDArray[np.float64]:
    """Return the samples of all images, [N, height, width, 3]."""
    top_left, top_right, bottom_left, bottom_right = samples.neighbours.astype(np.float64)
    left = top_left + (bottom_left - top_left) * samples.row_fractions
    right = top_right + (bottom_right - top_right) * samples.row_fractions
    return np.asarray(left + (right - left) * samples.column_fractions, np.float64)


def by_definition(image: Image, input_size: Size) -> NDArray[np.float64]:
    """Sample an image as resizeBilinear of the reference implementation does, pixel by pixel."""
    height, width, _ = image.shape
    result = np.zeros((*input_size, 3))
    for row, column in np.ndindex(*input_size):
        y, x = row * (height / input_size[0]), column * (width / input_size[1])
        top, left = int(y), int(x)
        bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
        upper = image[top, left] * (1 - (x - left)) + image[top, right] * (x - left)
        lower = image[bottom, left] * (1 - (x - left)) + image[bottom, right] * (x - left)
        result[row, column] = upper * (1 - (y - top)) + lower * (y - top)
    return result


SIDES = st.integers(1, 40)
STARTS = st.integers(-50, 50)


@given(
    st.tuples(SIDES, SIDES),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    st.builds(Window, STARTS, STARTS, SIDES, SIDES),
)
def test_any_window_is_sampled_as_the_reference_samples_the_part_of_the_image_cropped_by_hand(
    image_size: Size, input_size: Size, window: Window
) -> None:
    image = noise(*image_size)
    samples = sample_images([image], [Framing(image_size, input_size, window)])
    expected = by_definition(cropped(image, window), input_size)
    np.testing.assert_allclose(blended(samples)[0], expected, atol=1e-4)


@given(st.tuples(SIDES, SIDES), st.tuples(SIDES, SIDES))
def test_fractions_are_0_to_1(image_size: Size, input_size: Size) -> None:
    samples = sample_images([noise(*image_size)], [stretched(image_size, input_size)])
    for fractions in (samples.row_fractions, samples.column_fractions):
        assert fractions.dtype == np.float32
        assert fractions.min() >= 0
        assert fractions.max() <= 1


@pytest.mark.parametrize(
    'image_size', [(40_000, 3), (3, 40_000), (32_767, 2), (2, 32_767), (32_766, 2), (2, 32_766)]
)
@pytest.mark.parametrize('part', ['all', 'end'])
def test_images_of_any_length_are_sampled(image_size: Size, part: str) -> None:
    height, width = image_size
    image = noise(height, width)
    end = Framing(image_size, (9, 9), Window(height - 5, width - 6, 9, 9))
    framing = stretched(image_size, (17, 17)) if part == 'all' else end
    expected = by_definition(cropped(image, framing.window), framing.input_size)
    samples = sample_images([image], [framing])
    np.testing.assert_allclose(blended(samples)[0], expected, atol=1e-3)


@pytest.mark.parametrize('image_size', [(1, 36_000_000), (36_000_000, 1), (100_000, 1)])
def test_the_padding_of_a_long_image_takes_no_memory(image_size: Size) -> None:
    framing = letterboxed(image_size, input_size=(257, 257), output_stride=16)
    samples = sample_images([np.full((*image_size, 3), 9, np.uint8)], [framing])
    assert samples.neighbours.max() in (0, 9)


def test_a_long_network_input_is_sampled() -> None:
    image = noise(2, 3)
    samples = sample_images([image], [stretched((2, 3), (1, 33_000))])
    np.testing.assert_array_equal(samples.neighbours[0, 0, 0, [0, 11_500, 32_999]], image[0])


def test_images_of_different_sizes_and_several_parts_of_one_image_share_a_run() -> None:
    first, second = noise(30, 40), noise(50, 20)
    framings = [
        stretched((30, 40), (17, 33)),
        Framing((30, 40), (17, 33), Window(-3, 20, 30, 30)),
        stretched((50, 20), (17, 33)),
    ]
    images = [first, first, second]
    together = sample_images(images, framings)
    assert together.neighbours.shape == (4, 3, 17, 33, 3)
    for number, (image, framing) in enumerate(zip(images, framings, strict=True)):
        alone = sample_images([image], [framing])
        np.testing.assert_array_equal(blended(together)[number], blended(alone)[0])


@pytest.mark.parametrize(
    'view',
    [
        lambda image: image[::-1],
        lambda image: image[:, ::-1],
        lambda image: image[::2, 5:],
        lambda image: image.transpose(1, 0, 2),
        lambda image: np.frombuffer(image.tobytes(), np.uint8).reshape(image.shape),
    ],
    ids=['upside down', 'mirrored', 'cropped', 'transposed', 'read only'],
)
def test_views_of_images_are_sampled_as_their_copies(view: object) -> None:
    assert callable(view)
    image = view(noise(30, 40))
    framings = [stretched((image.shape[0], image.shape[1]), (17, 17))]
    seen, copied = (sample_images([one], framings) for one in (image, image.copy()))
    np.testing.assert_array_equal(seen.neighbours, copied.neighbours)


def test_an_image_of_another_size_is_refused_and_the_error_names_both_sizes() -> None:
    with pytest.raises(ImageError, match=r'\[100, 200, 3\].*\[200, 100, 3\]'):
        sample_images([noise(200, 100)], [stretched((100, 200), (97, 97))])


def test_an_image_of_another_type_is_refused() -> None:
    image = np.zeros((100, 200, 3), np.float32)
    with pytest.raises(ImageError, match='got float32'):
        sample_images([image], [stretched((100, 200), (97, 97))])  # type: ignore[list-item]


def test_framings_of_different_input_sizes_are_refused_with_the_sizes() -> None:
    framings = [stretched((30, 40), (17, 33)), stretched((30, 40), (33, 33))]
    with pytest.raises(ImageError, match='17x33, 33x33'):
        sample_images([noise(30, 40)] * 2, framings)
