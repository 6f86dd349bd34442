from collections.abc import Iterator
import itertools
import threading

import pytest

from posenet_ros.videos.background import ReadAhead, WriteBehind


def failing_after(count: int) -> Iterator[int]:
    yield from range(count)
    raise ValueError('broken')


def put_all(behind: WriteBehind[int], count: int) -> None:
    for item in range(count):
        behind.put(item)


def test_items_come_in_order_from_another_thread() -> None:
    threads: set[int] = set()

    def items() -> Iterator[int]:
        for item in range(20):
            threads.add(threading.get_ident())
            yield item

    with ReadAhead(items()) as ahead:
        assert list(ahead) == list(range(20))
    assert threads.isdisjoint({threading.get_ident()})


def test_an_error_comes_after_the_items_before_it() -> None:
    got: list[int] = []
    with ReadAhead(failing_after(3)) as ahead, pytest.raises(ValueError, match='broken'):
        got.extend(ahead)
    assert got == [0, 1, 2]


def test_at_most_as_many_items_as_wanted_are_read_ahead() -> None:
    read = itertools.count()
    with ReadAhead(read, depth=1) as ahead:
        assert next(iter(ahead)) == 0
    assert next(read) <= 4


def test_only_a_few_items_are_read_ahead() -> None:
    read = itertools.count()
    with ReadAhead(read) as ahead:
        assert next(iter(ahead)) == 0
    assert next(read) <= 8


def test_closing_ends_the_thread_before_all_items_are_read() -> None:
    before = threading.active_count()
    with ReadAhead(itertools.count()):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_all_items_are_written_in_order_when_closed() -> None:
    written: list[int] = []
    behind = WriteBehind(written.append)
    for item in range(20):
        behind.put(item)
    behind.close()
    assert written == list(range(20))


def test_an_error_of_the_function_reaches_whoever_puts_and_whoever_closes() -> None:
    def fail(item: int) -> None:
        raise ValueError(f'item {item}')

    behind = WriteBehind(fail)
    with pytest.raises(ValueError, match='item 0'):
        put_all(behind, 100)
    with pytest.raises(ValueError, match='item 0'):
        behind.close()


def test_putting_waits_while_the_function_is_behind() -> None:
    gate = threading.Event()
    written: list[int] = []

    def write(item: int) -> None:
        assert gate.wait(timeout=60)
        written.append(item)

    behind = WriteBehind(write)
    putting = threading.Thread(target=put_all, args=(behind, 20))
    putting.start()
    putting.join(timeout=0.05)
    assert putting.is_alive()
    gate.set()
    putting.join(timeout=60)
    behind.close()
    assert written == list(range(20))
