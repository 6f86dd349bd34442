from itertools import pairwise

from posenet_ros.drawing.colours import colour_of, NEUTRAL


def test_each_of_seven_people_has_a_colour_of_their_own() -> None:
    assert len({colour_of(person) for person in range(7)}) == 7


def test_neighbours_in_a_crowd_of_any_size_have_different_colours() -> None:
    colours = [colour_of(person) for person in range(100)]
    assert all(one != other for one, other in pairwise(colours))


def test_nobody_with_a_number_has_the_neutral_colour() -> None:
    assert NEUTRAL not in {colour_of(person) for person in range(7)}
