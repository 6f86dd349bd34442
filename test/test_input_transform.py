import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.errors import ImageError, SettingError
from posenet_ros.input_transform import (
    InputTransform,
    letterboxed,
    scaled,
    Size,
    valid_side,
)


def sampled_by_definition(
    image: NDArray[np.uint8], transform: InputTransform
) -> NDArray[np.float64]:
    """Sample pixel by pixel, as the reference's pad and resizeBilinear are defined."""
    top, left = transform.padding
    padded = np.pad(image, ((top, top), (left, left), (0, 0))).astype(float)
    rows, row_shares = _neighbours(transform.input_size[0], padded.shape[0])
    columns, column_shares = _neighbours(transform.input_size[1], padded.shape[1])
    result = np.zeros((*transform.input_size, 3))
    for row, row_share in zip(rows, row_shares, strict=True):
        for column, column_share in zip(columns, column_shares, strict=True):
            shares = row_share[:, None, None] * column_share[None, :, None]
            result += padded[row[:, None], column[None, :]] * shares
    return result


def _neighbours(out: int, length: int) -> tuple[list[NDArray[np.intp]], list[NDArray[np.float64]]]:
    source = np.arange(out) * (length / out)
    before = np.floor(source).astype(np.intp)
    share = source - before
    return [before, np.minimum(before + 1, length - 1)], [1 - share, share]


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


@pytest.mark.parametrize(
    'transform',
    [
        scaled((97, 130), image_scale_factor=0.5, output_stride=16),
        letterboxed((97, 130), input_size=(65, 65), output_stride=16),
        letterboxed((130, 97), input_size=(33, 65), output_stride=16),
        # Enlarged, with and without padding: the last row and column repeat the edge.
        letterboxed((20, 30), input_size=(65, 97), output_stride=16),
        letterboxed((20, 20), input_size=(65, 97), output_stride=16),
        scaled((40, 40), image_scale_factor=1.0, output_stride=8),
    ],
    ids=str,
)
def test_sampling_is_the_references(transform: InputTransform) -> None:
    # Smooth, as OpenCV places samples to 1/32 of a pixel.
    height, width = transform.image_size
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack([2 * y, 255 - 1.5 * x, y + x], axis=-1).clip(0, 255).astype(np.uint8)
    actual = transform.apply(image)
    expected = sampled_by_definition(image, transform)
    # 1/64 of a step between pixels: within the picture of 2, at its zero padding of 255.
    inner = np.abs(actual - expected) <= 2 * 2 / 64
    assert inner.mean() > 0.9
    np.testing.assert_allclose(actual, expected, atol=2 * 255 / 64)


def test_the_network_input_is_not_rounded() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, ::2] = 255
    network_input = scaled((64, 64), image_scale_factor=0.9, output_stride=16).apply(image)
    assert network_input.dtype == np.float32
    assert (network_input % 1 != 0).any()


def test_a_padded_frame_is_black() -> None:
    image = np.full((100, 200, 3), 200, np.uint8)
    network_input = letterboxed((100, 200), input_size=(97, 97), output_stride=16).apply(image)
    assert (network_input[:23] == 0).all()
    assert (network_input[26:70] == 200).all()
    assert (network_input[-23:] == 0).all()


def test_the_image_is_left_as_it_was() -> None:
    image = np.full((100, 200, 3), 200, np.uint8)
    scaled((100, 200), image_scale_factor=0.5, output_stride=16).apply(image)
    assert (image == 200).all()


def test_an_image_of_another_size_is_refused_with_both() -> None:
    transform = scaled((100, 200), image_scale_factor=0.5, output_stride=16)
    with pytest.raises(ImageError, match=r'\[100, 200, 3\].*\[200, 100, 3\]'):
        transform.apply(np.zeros((200, 100, 3), np.uint8))


@pytest.mark.parametrize('image_size', [(0, 10), (10, 0)])
def test_an_image_without_pixels_is_refused(image_size: Size) -> None:
    with pytest.raises(SettingError, match='no pixels'):
        scaled(image_size, image_scale_factor=0.5, output_stride=16)


def test_points_of_the_image_come_back_from_the_input() -> None:
    transform = letterboxed((480, 640), input_size=(257, 257), output_stride=16)
    points = np.array([[0.0, 0.0], [639, 479], [320.25, 100.5]])
    np.testing.assert_allclose(transform.to_image(transform.to_input(points)), points, atol=1e-9)


def test_a_bright_pixel_lies_where_its_point_is_mapped_to() -> None:
    transform = letterboxed((300, 400), input_size=(257, 257), output_stride=16)
    image = np.zeros((300, 400, 3), np.uint8)
    image[150:155, 202:207] = 255
    row, column = np.argwhere(transform.apply(image)[..., 0] > 254).mean(axis=0)
    x, y = transform.to_image(np.array([column, row]))
    assert (x, y) == pytest.approx((204, 152), abs=1)
