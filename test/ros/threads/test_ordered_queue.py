import threading

import pytest

from posenet_ros.ros.threads.ordered_queue import OrderedQueue


def test_all_values_come_out_in_their_order() -> None:
    queue: OrderedQueue[str, int] = OrderedQueue(4)
    assert [queue.put('a', 1), queue.put('b', 2), queue.put('a', 3)] == [False] * 3
    assert [queue.get(), queue.get(), queue.get()] == [('a', 1), ('b', 2), ('a', 3)]


def test_a_full_queue_drops_its_oldest_value_and_says_so() -> None:
    queue: OrderedQueue[str, int] = OrderedQueue(2)
    assert [queue.put('a', value) for value in range(3)] == [False, False, True]
    assert [queue.get(), queue.get()] == [('a', 1), ('a', 2)]


def test_closing_drops_all_values_and_wakes_up_whoever_waits() -> None:
    queue: OrderedQueue[str, int] = OrderedQueue(2)
    got: list[object] = []
    waiting = threading.Thread(target=lambda: got.append(queue.get()))
    waiting.start()
    queue.close()
    waiting.join(30)
    queue.put('a', 1)
    assert (got, queue.get()) == ([None], None)


def test_a_wait_for_a_value_ends_when_the_time_is_over() -> None:
    queue: OrderedQueue[str, int] = OrderedQueue(1)
    with pytest.raises(TimeoutError):
        queue.get(0.001)
    queue.put('a', 1)
    assert queue.get(30.0) == ('a', 1)
