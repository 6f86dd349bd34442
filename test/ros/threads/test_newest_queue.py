import threading

from posenet_ros.ros.threads.newest_queue import NewestQueue


def test_each_value_is_returned_once() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    queue.put('front', 1)
    queue.put('rear', 2)
    assert [queue.get(), queue.get()] == [('front', 1), ('rear', 2)]


def test_a_newer_value_replaces_one_that_is_still_queued() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    assert not queue.put('front', 1)
    assert queue.put('front', 2)
    assert queue.get() == ('front', 2)
    assert not queue.put('front', 3)


def test_a_newer_value_keeps_the_place_in_the_queue() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    queue.put('front', 1)
    queue.put('rear', 2)
    queue.put('front', 3)
    assert [queue.get(), queue.get()] == [('front', 3), ('rear', 2)]


def test_no_key_waits_for_more_than_one_round() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    queue.put('busy', 0)
    queue.put('calm', 0)
    served = []
    for number in range(4):
        taken = queue.get()
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
    taker = threading.Thread(target=lambda: taken.append(queue.get()))
    taker.start()
    queue.put('front', 1)
    taker.join(10)
    assert taken == [('front', 1)]


def test_closing_ends_the_wait_and_drops_queued_values() -> None:
    queue: NewestQueue[str, int] = NewestQueue()
    taken: list[object] = []
    taker = threading.Thread(target=lambda: taken.append(queue.get()))
    taker.start()
    queue.close()
    taker.join(10)
    queue.put('front', 1)
    assert [*taken, queue.get()] == [None, None]
