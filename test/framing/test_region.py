from hypothesis import given
from hypothesis import strategies as st
import pytest

from posenet_ros.errors import SettingError
from posenet_ros.framing.framing import Framing, Window
from posenet_ros.framing.region import frame_region, Region


def framing_of(centre: tuple[float, float], side: float, *, region_size: int = 257) -> Framing:
    region = Region(centre, side)
    return frame_region((480, 640), region, region_size=region_size, output_stride=16)


def test_the_window_is_the_square_around_the_centre() -> None:
    assert framing_of((320, 100), 60).window == Window(top=70, left=290, height=60, width=60)


def test_a_region_may_reach_beyond_the_image() -> None:
    assert framing_of((0, 480), 100).window == Window(top=430, left=-50, height=100, width=100)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.floats(1, 1e4))
def test_a_region_is_rounded_to_whole_pixels_around_its_centre(
    x: float, y: float, side: float
) -> None:
    window = framing_of((x, y), side).window
    assert window.height == window.width
    assert abs(window.width - side) <= 0.5
    assert abs(window.left + window.width / 2 - x) <= 0.5
    assert abs(window.top + window.height / 2 - y) <= 0.5


@pytest.mark.parametrize('side', [0.3, 0, -5])
def test_a_window_has_at_least_one_pixel(side: float) -> None:
    assert framing_of((10.5, 20.5), side).window == Window(20, 10, 1, 1)


def test_the_input_of_a_square_is_square_and_rounded_down_to_a_valid_side() -> None:
    assert framing_of((320, 240), 100, region_size=256).input_size == (241, 241)


def narrow(
    side: float, shares: tuple[float, float], *, region_size: int = 257, output_stride: int = 16
) -> Framing:
    region = Region((320, 240), side, shares)
    return frame_region((480, 640), region, region_size=region_size, output_stride=output_stride)


def test_a_narrow_region_has_a_narrow_window_around_the_same_centre() -> None:
    framing = narrow(353, (1.0, 0.5))
    assert framing.input_size == (353, 177)
    assert framing.window == Window(top=64, left=232, height=353, width=177)


@pytest.mark.parametrize(
    ('region_size', 'output_stride', 'input_size'),
    [(33, 32, (33, 33)), (33, 16, (33, 33)), (257, 16, (257, 241)), (257, 32, (257, 257))],
)
def test_the_shorter_side_of_the_input_is_rounded_up(
    region_size: int, output_stride: int, input_size: tuple[int, int]
) -> None:
    framing = narrow(100, (1.0, 15 / 16), region_size=region_size, output_stride=output_stride)
    assert framing.input_size == input_size


@given(
    st.floats(16, 2000),
    st.floats(0.5, 1),
    st.booleans(),
    st.integers(33, 400),
    st.sampled_from([8, 16, 32]),
)
def test_the_window_contains_the_region_to_within_a_pixel(
    side: float, share: float, is_wide: bool, region_size: int, output_stride: int
) -> None:
    shares = (share, 1.0) if is_wide else (1.0, share)
    framing = narrow(side, shares, region_size=region_size, output_stride=output_stride)
    assert min(framing.input_size) > output_stride
    (top, left, *window), (x, y) = framing.window, (320, 240)
    for start, length, centre, part in zip((top, left), window, (y, x), shares, strict=True):
        assert start <= centre - part * side / 2 + 1
        assert start + length >= centre + part * side / 2 - 1


@given(st.floats(30, 2000), st.floats(0.5, 1), st.booleans(), st.integers(100, 400))
def test_the_input_has_about_as_many_pixels_as_a_square_and_one_scale(
    side: float, share: float, is_wide: bool, region_size: int
) -> None:
    framing = narrow(side, (share, 1.0) if is_wide else (1.0, share), region_size=region_size)
    height, width = framing.input_size
    assert (region_size - 16) ** 2 < height * width < (region_size + 12) ** 2
    along_y, along_x = framing.scale
    # The window is rounded to whole pixels.
    assert along_y == pytest.approx(along_x, rel=1.1 / min(framing.window[2:]))


def test_the_square_around_a_region_has_its_centre_and_longer_side() -> None:
    assert Region((3, 4), 80, (0.5, 1.0)).square == Region((3, 4), 80)


@pytest.mark.parametrize(
    ('centre', 'side'),
    [((float('nan'), 1), 9), ((1, float('inf')), 9), ((1, 1), float('nan')), ((1, 1), 1e12)],
)
def test_a_region_that_is_not_near_an_image_is_refused(
    centre: tuple[float, float], side: float
) -> None:
    with pytest.raises(SettingError, match='not near an image'):
        framing_of(centre, side)


def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(SettingError, match='no pixels'):
        frame_region((0, 9), Region((1, 1), 9), region_size=257, output_stride=16)
