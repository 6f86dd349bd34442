from made_poses import pose_at

from posenet_ros.attention.turns import Turns
from posenet_ros.poses import Pose

PLACES = [100.0, 250.0, 400.0, 550.0, 700.0]


def places(people: list[Pose]) -> list[int]:
    """Return which of the places each person is nearest to."""
    return [round((pose.keypoints[0, 0] - PLACES[0]) / 150) for pose in people]


def take_turns(turns: Turns, order: list[int], *, limit: int, moved: float = 0.0) -> list[int]:
    """Return who gets a closer look in an image with people at these places, in this order."""
    found = [pose_at(PLACES[index] + moved) for index in order]
    people = [found[index] for index in turns.order(found)]
    turns.note(looked_at=people[:limit], left_out=people[limit:])
    return places(people[:limit])


def test_with_too_many_people_each_gets_a_turn() -> None:
    turns = Turns()
    looked_at = [take_turns(turns, [0, 1, 2, 3, 4], limit=2) for _ in range(5)]
    assert looked_at == [[0, 1], [2, 3], [4, 0], [1, 2], [3, 4]]


def test_turns_follow_people_and_not_their_order() -> None:
    turns = Turns()
    orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]]
    looked_at = [
        take_turns(turns, order, limit=2, moved=2.0 * step) for step, order in enumerate(orders)
    ]
    assert [sorted(one) for one in looked_at] == [[0, 1], [2, 3], [0, 1]]


def test_somebody_new_comes_after_those_who_waited() -> None:
    turns = Turns()
    take_turns(turns, [0, 1, 2], limit=2)
    assert take_turns(turns, [4, 0, 1, 2], limit=2) == [2, 4]


def test_without_waiting_people_the_order_stays() -> None:
    turns = Turns()
    take_turns(turns, [0, 1], limit=2)
    assert take_turns(turns, [1, 0], limit=2) == [1, 0]
