from collections.abc import Iterator
import contextlib
import threading

import pytest

from posenet_ros.bags.read_ahead import read_ahead


def test_items_keep_their_order() -> None:
    assert list(read_ahead(iter(range(100)), depth=3)) == list(range(100))


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError('broken')

    reading = read_ahead(items(), depth=3)
    assert next(reading) == 1
    with pytest.raises(ValueError, match='broken'):
        next(reading)


def test_at_most_so_many_items_wait_and_closing_ends_the_thread() -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    threads = threading.active_count()
    with contextlib.closing(read_ahead(items(), depth=3)) as reading:
        assert next(reading) == 0
        assert len(read) <= 6
    assert threading.active_count() == threads
    assert len(read) < 1000
