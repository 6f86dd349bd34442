from collections.abc import Iterator
import itertools
import threading

from interruptions import MainThreadInterruption
import pytest

from posenet_ros.videos.background import ReadAhead, WriteBehind


def failing_after(count: int) -> Iterator[int]:
    yield from range(count)
    raise ValueError('broken')


def running(name: str) -> bool:
    """Return whether a thread with this name runs."""
    return name in {thread.name for thread in threading.enumerate()}


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
    with ReadAhead(itertools.count()):
        assert running('posenet read')
    assert not running('posenet read')


def test_an_interruption_while_closing_waits_for_the_item_that_is_being_read() -> None:
    closing, read = threading.Event(), list[int]()

    def items() -> Iterator[int]:
        assert closing.wait(timeout=60)
        interruption.send()
        read.append(0)
        yield 0

    with MainThreadInterruption() as interruption:
        ahead = ReadAhead(items())
        ahead._closed = closing
        with pytest.raises(KeyboardInterrupt):
            ahead.close()
    assert read == [0]
    assert not running('posenet read')


def test_all_items_are_written_in_order_when_closed() -> None:
    written: list[int] = []
    behind = WriteBehind(written.append)
    for item in range(20):
        behind.put(item)
    behind.close()
    assert written == list(range(20))


def test_the_thread_finishes_after_the_last_item() -> None:
    written: list[int] = []
    behind = WriteBehind(written.append, finish=lambda: written.append(-1))
    put_all(behind, 5)
    behind.close()
    assert written == [0, 1, 2, 3, 4, -1]


def test_an_interruption_while_closing_waits_until_all_is_finished() -> None:
    written: list[int] = []

    def finish() -> None:
        interruption.send()
        written.append(-1)

    with MainThreadInterruption() as interruption:
        behind = WriteBehind(written.append, finish=finish)
        put_all(behind, 3)
        with pytest.raises(KeyboardInterrupt):
            behind.close()
    assert written == [0, 1, 2, -1]
    assert not running('posenet write')


def test_an_interruption_while_closing_has_the_error_of_the_function_as_its_cause() -> None:
    def finish() -> None:
        interruption.send()
        raise ValueError('cannot finish')

    with MainThreadInterruption() as interruption:
        behind = WriteBehind(print, finish=finish)
        with pytest.raises(KeyboardInterrupt) as raised:
            behind.close()
    assert str(raised.value.__cause__) == 'cannot finish'


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
