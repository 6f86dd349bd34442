from posenet_ros.framing import neighbours
from posenet_ros.framing.framing import Framing, Window
from posenet_ros.framing.neighbours import find_places, Neighbours
from posenet_ros.framing.whole_image import stretched


def pixels_by_sample(side: Neighbours) -> dict[int, int]:
    """Return the row or column of each sample that has one."""
    samples = range(side.samples.start, side.samples.stop)
    return dict(zip(samples, side.pixels.tolist(), strict=True))


def test_samples_lie_between_the_pixel_before_and_the_one_after() -> None:
    places = find_places(stretched((10, 10), (4, 5)))
    assert [pixels_by_sample(side) for side in places.rows] == [
        {0: 0, 1: 2, 2: 5, 3: 7},
        {0: 1, 1: 3, 2: 6, 3: 8},
    ]
    assert places.row_fractions.tolist() == [0, 0.5, 0, 0.5]
    assert places.column_fractions.tolist() == [0] * 5


def test_the_last_pixel_of_a_window_has_no_pixel_after_it() -> None:
    before, after = find_places(Framing((9, 9), (3, 3), Window(0, 2, 9, 3))).columns
    assert pixels_by_sample(before) == {0: 2, 1: 3, 2: 4}
    assert pixels_by_sample(after) == {0: 3, 1: 4, 2: 4}


def test_samples_outside_of_the_image_have_no_neighbours() -> None:
    before, after = find_places(Framing((4, 4), (8, 8), Window(-2, 0, 8, 8))).rows
    assert pixels_by_sample(before) == {2: 0, 3: 1, 4: 2, 5: 3}
    assert pixels_by_sample(after) == {1: 0, 2: 1, 3: 2, 4: 3}


def test_many_regions_do_not_displace_the_places_of_whole_images() -> None:
    whole = stretched((31, 43), (17, 33))
    places = find_places(whole)
    for number in range(50):
        region = Framing((31, 43), (17, 33), Window(0, number, 10, 10), is_region=True)
        assert find_places(region) is not find_places(region)
    assert find_places(whole) is places


def test_the_places_of_a_region_are_not_kept() -> None:
    neighbours._kept_places.cache_clear()
    find_places(Framing((31, 43), (17, 33), Window(0, 0, 10, 10), is_region=True))
    assert neighbours._kept_places.cache_info().currsize == 0
