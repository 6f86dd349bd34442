from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from posenet_ros.errors import ImageError
from posenet_ros.framing.framing import Framing

SIDES = st.integers(1, 8192)
SIZES = st.tuples(SIDES, SIDES)
PADDINGS = st.sampled_from([(0, 0), (7, 0), (0, 5)])
LETTERBOX = Framing((100, 200), (97, 97), padding=(50, 0))


@given(SIZES, SIZES, PADDINGS, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_points_of_any_image_map_to_the_network_input_and_back(
    image_size: tuple[int, int],
    input_size: tuple[int, int],
    padding: tuple[int, int],
    x: float,
    y: float,
) -> None:
    framing = Framing(image_size, input_size, padding)
    point = np.array([x * image_size[1], y * image_size[0]])
    np.testing.assert_allclose(framing.to_image(framing.to_network(point)), point, atol=1e-3)


def test_padding_affects_size_scale_and_points() -> None:
    framing = Framing((100, 200), (50, 50), padding=(50, 0))
    assert framing.padded_size == (200, 200)
    assert framing.scale == (4.0, 4.0)
    np.testing.assert_array_equal(framing.to_image(np.array([[25.0, 25.0]])), [[100.0, 50.0]])
    np.testing.assert_array_equal(framing.to_network(np.array([[0.0, 0.0]])), [[0.0, 12.5]])


def test_only_the_axis_without_padding_is_sampled_before_the_padding() -> None:
    assert Framing((100, 200), (97, 97), padding=(50, 0)).unpadded_size == (100, 97)
    assert Framing((200, 100), (97, 97), padding=(0, 50)).unpadded_size == (97, 100)
    assert Framing((200, 100), (97, 49)).unpadded_size == (97, 49)


def test_a_single_image_is_not_copied() -> None:
    image = np.full((100, 200, 3), 200, np.uint8)
    assert np.shares_memory(LETTERBOX.batch([image]), image)


def test_a_batch_contains_the_images_in_order() -> None:
    images = [np.full((100, 200, 3), value, np.uint8) for value in (1, 2)]
    batch = LETTERBOX.batch(images)
    assert batch.shape == (2, 100, 200, 3)
    assert [one.max() for one in batch] == [1, 2]


def test_an_image_of_another_size_is_refused_and_the_error_names_both_sizes() -> None:
    with pytest.raises(ImageError, match=r'\[100, 200, 3\].*\[200, 100, 3\]'):
        LETTERBOX.batch([np.zeros((200, 100, 3), np.uint8)])


def test_an_image_of_another_type_is_refused() -> None:
    with pytest.raises(ImageError, match='got float32'):
        LETTERBOX.batch([np.zeros((100, 200, 3), np.float32)])
