import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from posenet_ros.errors import ImageError, SettingError
from posenet_ros.framing.framing import Framing, Size, Window
from posenet_ros.framing.whole_image import (
    frame_whole_image,
    letterboxed,
    scaled,
    valid_side,
)
from posenet_ros.settings import PoseSettings


@pytest.mark.parametrize(
    ('length', 'stride', 'side'),
    [(257, 16, 257), (256, 16, 241), (272.9, 16, 257), (1, 16, 1), (0.2, 32, 1), (33, 32, 33)],
)
def test_a_valid_side_is_a_multiple_of_the_stride_plus_1_rounded_down(
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
def test_a_scale_factor_scales_each_side_to_its_own_valid_size(
    image_size: Size, factor: float, stride: int, input_size: Size
) -> None:
    framing = scaled(image_size, image_scale_factor=factor, output_stride=stride)
    assert framing.input_size == input_size
    assert framing.window == Window(0, 0, *image_size)


def test_letterboxing_pads_the_sides_of_a_portrait_image() -> None:
    framing = letterboxed((640, 360), input_size=(257, 257), output_stride=16)
    assert framing.window == Window(0, -140, 640, 640)
    assert framing.scale == pytest.approx((640 / 257, 640 / 257))


def test_letterboxing_pads_above_and_below_a_landscape_image() -> None:
    framing = letterboxed((360, 640), input_size=(257, 257), output_stride=16)
    assert framing.window == Window(-140, 0, 640, 640)


def test_letterboxing_rounds_the_input_size_down_to_a_valid_one() -> None:
    framing = letterboxed((480, 640), input_size=(256, 300), output_stride=16)
    assert framing.input_size == (241, 289)


@pytest.mark.parametrize('input_size', ['', '257x353'])
def test_the_input_size_decides_between_letterbox_and_scale_factor(input_size: str) -> None:
    settings = PoseSettings(input_size=input_size, image_scale_factor=0.7)
    framing = frame_whole_image((480, 640), settings, 16)
    expected = (
        letterboxed((480, 640), input_size=(257, 353), output_stride=16)
        if input_size
        else scaled((480, 640), image_scale_factor=0.7, output_stride=16)
    )
    assert framing == expected


@pytest.mark.parametrize('image_size', [(0, 10), (10, 0)])
def test_an_image_without_pixels_is_refused(image_size: Size) -> None:
    with pytest.raises(SettingError, match='no pixels'):
        scaled(image_size, image_scale_factor=0.5, output_stride=16)


@pytest.mark.parametrize('image_size', [(4320, 7680), (36_000_000, 1)])
def test_an_image_whose_network_input_would_be_too_large_is_refused_with_the_remedy(
    image_size: Size,
) -> None:
    words = f'{image_size[1]}x{image_size[0]}.*lower image_scale_factor, which is 0.5'
    with pytest.raises(ImageError, match=words):
        frame_whole_image(image_size, PoseSettings(), 16)


@pytest.mark.parametrize(
    ('image_size', 'settings'),
    [
        ((4320, 7680), {'image_scale_factor': 0.35}),
        ((4320, 7680), {'input_size': '257x257'}),
        ((2160, 3840), {'image_scale_factor': 0.7}),
        ((480, 640), {'input_size': '2048x2048'}),
        ((480, 640), {'input_size': '2048x1'}),
        ((1, 36_000_000), {'input_size': '257x257'}),
        ((65_000, 2), {'input_size': '257x257'}),
        ((1, 100_000), {}),
        ((480, 640), {'input_size': '1x2048'}),
    ],
)
def test_large_and_narrow_images_are_accepted_while_the_network_input_is_small(
    image_size: Size, settings: dict[str, Any]
) -> None:
    framing = frame_whole_image(image_size, PoseSettings(**settings), 16)
    assert math.prod(framing.input_size) <= 2048**2


SIDES = st.integers(1, 8192)
SIZES = st.tuples(SIDES, SIDES)
STRIDES = st.sampled_from([8, 16, 32])
FRAMINGS = st.one_of(
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


@given(SIZES, st.floats(0.2, 1.0), STRIDES)
def test_a_scaled_input_is_valid_and_not_larger_than_the_fraction(
    image_size: Size, factor: float, stride: int
) -> None:
    framing = scaled(image_size, image_scale_factor=factor, output_stride=stride)
    for side, length in zip(framing.input_size, image_size, strict=True):
        assert side % stride == 1
        assert side <= max(length * factor, 1)
        assert side + stride > length * factor


@given(SIZES, st.tuples(st.integers(17, 600), st.integers(17, 600)))
def test_a_letterboxed_image_keeps_its_aspect(image_size: Size, input_size: Size) -> None:
    framing = letterboxed(image_size, input_size=input_size, output_stride=16)
    scale_y, scale_x = framing.scale
    # The padding is rounded to whole pixels.
    assert abs(scale_y * framing.input_size[0] - scale_x * framing.input_size[0]) <= max(
        2, 2 * framing.input_size[0] / framing.input_size[1]
    )


@given(FRAMINGS)
def test_the_whole_image_is_in_the_input(framing: Framing) -> None:
    height, width = framing.image_size
    corners = framing.to_network(np.array([[0.0, 0.0], [width, height]]))
    input_height, input_width = framing.input_size
    assert (corners >= -1e-6).all()
    assert (corners <= np.array([input_width, input_height]) + 1e-6).all()
