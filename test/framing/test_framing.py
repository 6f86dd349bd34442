from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from posenet_ros.errors import ImageError, SettingError
from posenet_ros.framing.framing import (
    InputTransform,
    letterboxed,
    scaled,
    Size,
    valid_side,
)


@pytest.mark.parametrize(
    ('length', 'stride', 'side'),
    [(257, 16, 257), (256, 16, 241), (272.9, 16, 257), (1, 16, 1), (0.2, 32, 1), (33, 32, 33)],
)
def test_a_valid_side_is_the_multiple_of_the_stride_plus_one_below(
    length: float, stride: int, side: int
) -> None:
    assert valid_side(length, stride) == side


@pytest.mark.parametrize(
    ('image_size', 'factor', 'stride', 'input_size'),
    [
        # From the reference's results.
        ((639, 960), 0.5, 16, (305, 465)),
        ((640, 360), 0.5, 16, (305, 177)),
        ((512, 512), 1.0, 32, (481, 481)),
        ((1, 1), 0.5, 16, (1, 1)),
    ],
)
def test_a_scale_factor_takes_each_side_to_its_own_valid_size(
    image_size: Size, factor: float, stride: int, input_size: Size
) -> None:
    transform = scaled(image_size, image_scale_factor=factor, output_stride=stride)
    assert transform.input_size == input_size
    assert transform.padding == (0, 0)


def test_letterboxing_pads_the_sides_of_a_portrait_image() -> None:
    transform = letterboxed((640, 360), input_size=(257, 257), output_stride=16)
    assert transform.padding == (0, 140)
    assert transform.scale == pytest.approx((640 / 257, 640 / 257))


def test_letterboxing_pads_above_and_below_a_landscape_image() -> None:
    transform = letterboxed((360, 640), input_size=(257, 257), output_stride=16)
    assert transform.padding == (140, 0)


def test_letterboxing_rounds_the_input_size_down_to_a_valid_one() -> None:
    transform = letterboxed((480, 640), input_size=(256, 300), output_stride=16)
    assert transform.input_size == (241, 289)


def test_padding_is_black_and_of_both_sides() -> None:
    image = np.full((100, 200, 3), 200, np.uint8)
    padded = letterboxed((100, 200), input_size=(97, 97), output_stride=16).pad(image)
    assert padded.shape == (200, 200, 3)
    assert not padded[:50].any()
    assert (padded[50:150] == 200).all()
    assert not padded[150:].any()


def test_an_image_that_needs_no_padding_is_not_copied() -> None:
    image = np.full((100, 200, 3), 200, np.uint8)
    assert scaled((100, 200), image_scale_factor=0.5, output_stride=16).pad(image) is image


def test_an_image_of_another_size_is_refused_with_both() -> None:
    transform = scaled((100, 200), image_scale_factor=0.5, output_stride=16)
    with pytest.raises(ImageError, match=r'\[100, 200, 3\].*\[200, 100, 3\]'):
        transform.pad(np.zeros((200, 100, 3), np.uint8))


@pytest.mark.parametrize('image_size', [(0, 10), (10, 0)])
def test_an_image_without_pixels_is_refused(image_size: Size) -> None:
    with pytest.raises(SettingError, match='no pixels'):
        scaled(image_size, image_scale_factor=0.5, output_stride=16)


SIDES = st.integers(1, 8192)
SIZES = st.tuples(SIDES, SIDES)
STRIDES = st.sampled_from([8, 16, 32])
TRANSFORMS = st.one_of(
    st.builds(
        scaled,
        SIZES,
        image_scale_factor=st.floats(0.2, 1.0),
        output_stride=STRIDES,
    ),
    st.builds(
        letterboxed,
        SIZES,
        input_size=st.tuples(st.integers(1, 2048), st.integers(1, 2048)),
        output_stride=STRIDES,
    ),
)


@given(TRANSFORMS, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_points_of_any_image_come_back_from_the_input(
    transform: InputTransform, x: float, y: float
) -> None:
    height, width = transform.image_size
    point = np.array([x * width, y * height])
    returned = transform.to_image(transform.to_input(point))
    np.testing.assert_allclose(returned, point, atol=1e-3)


@given(SIZES, st.floats(0.2, 1.0), STRIDES)
def test_a_scaled_input_is_valid_and_not_larger_than_the_fraction(
    image_size: Size, factor: float, stride: int
) -> None:
    transform = scaled(image_size, image_scale_factor=factor, output_stride=stride)
    for side, length in zip(transform.input_size, image_size, strict=True):
        assert side % stride == 1
        assert side <= max(length * factor, 1)
        assert side + stride > length * factor


@given(SIZES, st.tuples(st.integers(17, 600), st.integers(17, 600)))
def test_a_letterboxed_image_keeps_its_aspect(image_size: Size, input_size: Size) -> None:
    transform = letterboxed(image_size, input_size=input_size, output_stride=16)
    scale_y, scale_x = transform.scale
    # But for the padding's rounding to whole pixels.
    assert abs(scale_y * transform.input_size[0] - scale_x * transform.input_size[0]) <= max(
        2, 2 * transform.input_size[0] / transform.input_size[1]
    )


@given(TRANSFORMS)
def test_the_whole_image_is_in_the_input(transform: InputTransform) -> None:
    height, width = transform.image_size
    corners = transform.to_input(np.array([[0.0, 0.0], [width, height]]))
    input_height, input_width = transform.input_size
    assert (corners >= -1e-6).all()
    assert (corners <= np.array([input_width, input_height]) + 1e-6).all()
