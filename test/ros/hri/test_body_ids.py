import pytest

from posenet_ros.ros.hri.body_ids import body_id, BodyIds, camera_letters


@pytest.mark.parametrize(
    ('index', 'letters'), [(0, 'a'), (1, 'b'), (25, 'z'), (26, 'aa'), (27, 'ab'), (702, 'aaa')]
)
def test_cameras_have_different_letters(index: int, letters: str) -> None:
    assert camera_letters(index) == letters


def test_ids_start_with_a_letter_and_differ_between_cameras() -> None:
    assert [body_id(camera_letters(index), 7) for index in range(2)] == ['a7', 'b7']


def test_a_person_who_is_seen_again_is_not_new() -> None:
    ids = BodyIds(timeout=1.0)
    assert ids.update('a', [1, 2], 0.0) == ['a1', 'a2']
    assert ids.update('a', [2, 3], 0.5) == ['a3']
    assert ids.tracked == ['a1', 'a2', 'a3']


def test_a_person_who_is_not_seen_for_longer_than_the_timeout_is_not_tracked_any_more() -> None:
    ids = BodyIds(timeout=1.0)
    ids.update('a', [1, 2], 0.0)
    ids.update('a', [2], 0.5)
    assert ids.expire(1.0) == []
    assert ids.expire(1.1) == ['a1']
    assert ids.tracked == ['a2']


def test_only_the_bodies_of_the_camera_whose_ids_start_again_end() -> None:
    ids = BodyIds(timeout=1.0)
    ids.update('a', [1, 2], 0.0)
    ids.update('b', [1], 0.0)
    assert ids.of_camera('b') == ['b1']
    assert ids.forget_all_of('a') == ['a1', 'a2']
    assert ids.tracked == ['b1']
    assert ids.forget_all_of('c') == []
