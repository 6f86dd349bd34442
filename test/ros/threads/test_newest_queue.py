import threading

import pytest

from posenet_ros.ros.threads.newest_queue import NewestQueue

PATIENCE = 10.0


def take(queue: NewestQueue[str, int]) -> tuple[str, int] | None:
    """Get a value that is queued; fails where `get` would wait for ever."""
    taken: list[tuple[str, int] | None] = []
    taker = threading.Thread(target=lambda: taken.append(queue.get()), daemon=True)
    taker.start()
    taker.join(PATIENCE)
    assert taken, 'nothing is queued'
    return taken[0]


def test_each_value_is_returned_once() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    queue.put('front', 1)
    queue.put('rear', 2)
    assert [take(queue), take(queue)] == [('front', 1), ('rear', 2)]


def test_a_newer_value_replaces_one_that_is_still_queued() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    assert not queue.put('front', 1)
    assert queue.put('front', 2)
    assert take(queue) == ('front', 2)
    assert not queue.put('front', 3)


def test_a_newer_value_keeps_the_place_in_the_queue() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    queue.put('front', 1)
    queue.put('rear', 2)
    queue.put('front', 3)
    assert [take(queue), take(queue)] == [('front', 3), ('rear', 2)]


def test_no_key_waits_for_more_than_one_round() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    queue.put('busy', 0)
    queue.put('calm', 0)
    served = []
    for number in range(4):
        taken = take(queue)
        assert taken
        key, _ = taken
        served.append(key)
        queue.put('busy', number)
        if key == 'calm':
            queue.put('calm', number)
    assert served == ['busy', 'calm', 'busy', 'calm']


def test_getting_waits_for_a_value() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    taken: list[object] = []
    taker = threading.Thread(target=lambda: taken.append(queue.get()), daemon=True)
    taker.start()
    queue.put('front', 1)
    taker.join(PATIENCE)
    assert taken == [('front', 1)]


def test_closing_ends_the_wait_and_drops_queued_values() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    taken: list[object] = []
    taker = threading.Thread(target=lambda: taken.append(queue.get()), daemon=True)
    taker.start()
    queue.close()
    taker.join(PATIENCE)
    queue.put('front', 1)
    assert [*taken, take(queue)] == [None, None]


def test_a_wait_for_a_value_ends_when_the_time_is_over() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    with pytest.raises(TimeoutError):
        queue.get(0.001)
    queue.put('a', 1)
    assert queue.get(30.0) == ('a', 1)
