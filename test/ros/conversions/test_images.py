from array import array
from collections.abc import Callable
import importlib.util
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from made_images import BLUE, encoded, GREEN, message, quarters, RED
import numpy as np
from numpy.typing import NDArray
import pytest
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros.errors import ImageError
from posenet_ros.messages.image_encodings import ENCODINGS
from posenet_ros.ros.conversions import images
from posenet_ros.ros.conversions.images import to_image, to_rgb

SMALL = np.array([[RED, GREEN, BLUE]] * 2, np.uint8)
NOISE: NDArray[np.uint8] = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)


@pytest.fixture
def to_rgb_without_cv_bridge(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Image], NDArray[np.uint8]]:
    """Return to_rgb as it is where cv_bridge is not installed."""
    monkeypatch.setitem(sys.modules, 'cv_bridge', None)
    spec = importlib.util.spec_from_file_location('images_without_cv_bridge', images.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module._BRIDGE is None
    converted: Callable[[Image], NDArray[np.uint8]] = module.to_rgb
    return converted


@pytest.mark.skipif(images._BRIDGE is None, reason='cv_bridge is not installed')
@pytest.mark.parametrize('encoding', ENCODINGS)
def test_pixels_are_the_same_with_and_without_cv_bridge(
    encoding: str, to_rgb_without_cv_bridge: Callable[[Image], NDArray[np.uint8]]
) -> None:
    image = encoded(encoding, NOISE)
    np.testing.assert_array_equal(to_rgb_without_cv_bridge(image), to_rgb(image))


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_every_encoding_is_converted_without_cv_bridge(
    encoding: str, to_rgb_without_cv_bridge: Callable[[Image], NDArray[np.uint8]]
) -> None:
    picture = np.full((8, 12, 3), 90, np.uint8)
    pixels = to_rgb_without_cv_bridge(encoded(encoding, picture))
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(pixels, picture, atol=3)


def test_pixels_of_rgb8_are_not_copied_without_cv_bridge(
    to_rgb_without_cv_bridge: Callable[[Image], NDArray[np.uint8]],
) -> None:
    image = encoded('rgb8', SMALL)
    pixels = to_rgb_without_cv_bridge(image)
    assert np.shares_memory(pixels, np.frombuffer(image.data, np.uint8))


@st.composite
def messages(draw: st.DrawFn) -> Image:
    """Return any message; its fields may contradict each other."""
    encoding = draw(st.sampled_from([*ENCODINGS, '', 'nv24', '16UC1', 'rgb9']))
    width, height, padding = (draw(st.integers(0, 40)) for _ in range(3))
    known = ENCODINGS.get(encoding, ENCODINGS['rgb8'])
    step = draw(st.sampled_from([padding, known.row_bytes(width) + padding]))
    whole = step * known.rows(height)
    size = draw(st.sampled_from([padding, whole - padding, whole, whole + padding]))
    return Image(
        encoding=encoding,
        width=width,
        height=height,
        step=step,
        is_bigendian=draw(st.integers(0, 1)),
        data=array('B', bytes(index % 251 for index in range(size))),
    )


@given(messages())
def test_any_message_gives_pixels_of_its_size_or_an_image_error(any_message: Image) -> None:
    try:
        pixels = to_rgb(any_message)
    except ImageError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.shape == (any_message.height, any_message.width, 3)


@given(
    encoding=st.sampled_from([*ENCODINGS, '', 'nv24']),
    fields=st.fixed_dictionaries(
        {name: st.integers(0, 40) for name in ('width', 'height', 'step')}
    ),
    size=st.integers(0, 2400),
)
def test_any_combination_of_fields_gives_pixels_or_an_image_error(
    encoding: str, fields: dict[str, Any], size: int
) -> None:
    try:
        pixels = to_rgb(Image(encoding=encoding, data=array('B', bytes(size)), **fields))
    except ImageError:
        return
    assert pixels.shape == (fields['height'], fields['width'], 3)


def test_pixels_of_rgb8_are_not_copied() -> None:
    image = encoded('rgb8', SMALL)
    assert np.shares_memory(to_rgb(image), np.frombuffer(image.data, np.uint8))


def test_the_byte_order_of_bytes_does_not_matter() -> None:
    np.testing.assert_array_equal(to_rgb(encoded('bgr8', SMALL, big_endian=True)), SMALL)


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_the_last_row_need_not_have_padding(encoding: str) -> None:
    padded = encoded(encoding, quarters(4, 6), padding=5)
    whole = to_rgb(padded)
    padded.data = padded.data[:-5]
    np.testing.assert_array_equal(to_rgb(padded), whole)


def test_bytes_after_the_image_are_ignored() -> None:
    image = encoded('bgr8', SMALL)
    image.data = image.data + array('B', b'more')
    np.testing.assert_array_equal(to_rgb(image), SMALL)


def test_an_image_survives_the_conversion_to_a_message_and_back() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    header = Header(frame_id='lens')
    sent = to_image(pixels, header)
    assert (sent.width, sent.height, sent.step, sent.encoding) == (7, 5, 21, 'rgb8')
    assert sent.header == header
    np.testing.assert_array_equal(to_rgb(sent), pixels)


def test_an_array_that_is_not_contiguous_is_converted_completely() -> None:
    pixels: NDArray[np.uint8] = np.arange(90, dtype=np.uint8).reshape(5, 6, 3)[:, ::-2]
    np.testing.assert_array_equal(to_rgb(to_image(pixels, Header())), pixels)


@pytest.mark.parametrize(
    ('field', 'value', 'reason'),
    [
        ('encoding', 'rgb9', "encoding 'rgb9' is not supported"),
        ('encoding', '', "encoding '' is not supported"),
        ('width', 0, 'width x height is 0x2'),
        ('height', 0, 'width x height is 3x0'),
        ('step', 8, 'step is 8, too small for 3 pixels of rgb8, which need 9 bytes'),
        ('data', array('B', b'12345'), 'data has 5 bytes, too few for 3x2'),
        ('data', array('B'), 'data has 0 bytes'),
        ('height', 2**32 - 1, 'data has 18 bytes, too few'),
        ('width', 2**32 - 1, 'step is 9, too small'),
    ],
)
def test_an_inconsistent_image_is_refused_and_the_error_names_the_field(
    field: str, value: object, reason: str
) -> None:
    broken = message('rgb8', SMALL)
    setattr(broken, field, value)
    with pytest.raises(ImageError, match=reason):
        to_rgb(broken)


def test_an_image_larger_than_allowed_is_refused() -> None:
    image = encoded('bgr8', SMALL)
    np.testing.assert_array_equal(to_rgb(image, max_pixels=6), SMALL)
    with pytest.raises(ImageError, match=r'width x height is 3x2: .*max_image_pixels, which is 5'):
        to_rgb(image, max_pixels=5)


def test_a_long_encoding_is_shortened_in_the_error() -> None:
    with pytest.raises(ImageError, match=r'x\.\.\.x') as refused:
        to_rgb(Image(encoding='x' * 2**20))
    assert len(str(refused.value)) < 1000
