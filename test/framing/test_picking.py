from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.framing import picking
from posenet_ros.framing.framing import Framing, Size, Window
from posenet_ros.framing.neighbours import find_places
from posenet_ros.framing.picking import pick_neighbours
from posenet_ros.framing.whole_image import stretched

SIDES = st.integers(1, 40)
STARTS = st.integers(-50, 50)


def picked(framing: Framing) -> NDArray[np.uint8]:
    """Return the neighbours of the samples of an image of noise."""
    height, width = framing.image_size
    image = np.random.default_rng(0).integers(1, 256, (height, width, 3), np.uint8)
    targets = np.full((4, *framing.input_size, 3), 7, np.uint8)
    pick_neighbours(image, framing, find_places(framing), targets)
    return targets


@given(
    st.tuples(SIDES, SIDES),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
    st.builds(Window, STARTS, STARTS, SIDES, SIDES),
)
def test_strips_and_maps_pick_the_same_pixels(
    image_size: Size, input_size: Size, window: Window
) -> None:
    framing = Framing(image_size, input_size, window)
    from_maps = picked(framing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picking, '_STRIP_PIXELS', 50)
        from_strips = picked(replace(framing, is_region=True))
    np.testing.assert_array_equal(from_maps, from_strips)


def test_maps_of_whole_images_are_kept() -> None:
    framing = stretched((60, 90), (17, 33))
    picked(framing)
    assert picking._kept_maps(framing) is picking._kept_maps(framing) is not None


@pytest.mark.parametrize(
    'framing',
    [
        stretched((1, 2300), (1025, 1025)),
        stretched((1, 32767), (17, 17)),
    ],
    ids=['a large network input', 'a long image'],
)
def test_maps_that_are_too_large_are_not_kept(framing: Framing) -> None:
    assert picking._kept_maps(framing) is None


def test_regions_do_not_displace_the_maps_of_whole_images() -> None:
    picking._kept_maps.cache_clear()
    picked(Framing((60, 90), (17, 33), Window(0, 0, 60, 90), is_region=True))
    assert picking._kept_maps.cache_info().currsize == 0
