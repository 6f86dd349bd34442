import threading
import time

import pytest

from posenet_ros.ros.threads.supervised_thread import running_threads, SupervisedThread

PATIENCE = 30.0


def fail() -> None:
    raise ZeroDivisionError('unexpected')


def test_a_loop_that_raises_is_a_failure_with_its_cause_and_its_traceback_is_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    thread = SupervisedThread('test', fail)
    thread.start()
    assert thread.finish(PATIENCE)
    assert thread.failure == 'thread "test" died: ZeroDivisionError: unexpected'
    assert 'Traceback' in capfd.readouterr().err


def test_a_loop_that_ends_on_its_own_is_a_failure() -> None:
    thread = SupervisedThread('test', lambda: None)
    thread.start()
    assert thread.finish(PATIENCE)
    assert thread.failure == 'thread "test" died: its loop ended'


def test_an_expected_end_is_not_a_failure() -> None:
    end = threading.Event()
    thread = SupervisedThread('test', lambda: None if end.wait(PATIENCE) else fail())
    thread.start()
    thread.expect_end()
    end.set()
    assert thread.finish(PATIENCE)
    assert thread.failure is None


def test_finishing_is_bounded() -> None:
    end = threading.Event()
    thread = SupervisedThread('test', lambda: None if end.wait(PATIENCE) else fail())
    thread.start()
    started = time.monotonic()
    assert not thread.finish(0.05)
    assert time.monotonic() - started < PATIENCE / 2
    end.set()
    assert thread.finish(PATIENCE)


def test_a_thread_that_was_never_started_has_ended() -> None:
    thread = SupervisedThread('test', fail)
    assert thread.finish(PATIENCE)
    assert thread.failure is None


def test_running_threads_are_listed_by_name() -> None:
    end = threading.Event()
    thread = SupervisedThread('listed', lambda: None if end.wait(PATIENCE) else fail())
    assert 'listed' not in running_threads()
    thread.start()
    assert 'listed' in running_threads()
    end.set()
    assert thread.finish(PATIENCE)
    assert 'listed' not in running_threads()
