from collections.abc import Iterator
import gc
import threading
import time
import weakref

import pytest

from posenet_ros.ros.threads.worker import Worker

PATIENCE = 30.0


class Owner:
    """Owns a worker that calls it, like the pipeline."""

    def __init__(self) -> None:
        self.processed: list[tuple[str, int]] = []
        self.reported: list[Exception] = []
        self.errors: list[BaseException] = []
        self.is_processing = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.last = threading.Event()
        self.worker: Worker[str, int] = Worker('test', self.process, report=self.reported.append)

    def process(self, key: str, value: int) -> None:
        self.is_processing.set()
        assert self.may_go_on.wait(PATIENCE)
        self.processed.append((key, value))
        if self.errors:
            raise self.errors.pop()
        if value == 0:
            self.last.set()

    def stop(self, timeout: float = PATIENCE) -> bool:
        self.worker.begin_stop()
        return self.worker.finish_stop(timeout)

    def wait_for_the_last(self) -> None:
        self.worker.submit('last', 0)
        assert self.last.wait(PATIENCE)


@pytest.fixture
def owner() -> Iterator[Owner]:
    made = Owner()
    yield made
    made.may_go_on.set()
    made.stop()


@pytest.fixture
def no_garbage_collection() -> Iterator[None]:
    """Turn garbage collection off, so that only reference counts free memory."""
    gc.disable()
    yield
    gc.enable()


def test_submitted_values_are_processed_in_turn(owner: Owner) -> None:
    owner.worker.start()
    owner.worker.submit('front', 1)
    owner.wait_for_the_last()
    assert owner.processed == [('front', 1), ('last', 0)]


def test_a_newer_value_replaces_one_that_waits(owner: Owner) -> None:
    owner.may_go_on.clear()
    owner.worker.start()
    owner.worker.submit('front', 1)
    assert owner.is_processing.wait(PATIENCE)
    assert not owner.worker.submit('front', 2)
    assert owner.worker.submit('front', 3)
    owner.may_go_on.set()
    owner.wait_for_the_last()
    assert owner.processed == [('front', 1), ('front', 3), ('last', 0)]


def test_an_exception_is_reported_and_the_next_value_is_processed(owner: Owner) -> None:
    owner.errors.append(ZeroDivisionError('unexpected'))
    owner.worker.start()
    owner.worker.submit('front', 1)
    owner.wait_for_the_last()
    (report,) = owner.reported
    assert repr(report) == "ZeroDivisionError('unexpected')"
    assert owner.worker.thread.failure is None


@pytest.mark.filterwarnings('ignore::pytest.PytestUnhandledThreadExceptionWarning')
def test_a_thread_that_dies_is_a_failure_with_its_cause(owner: Owner) -> None:
    owner.errors.append(SystemExit('killed'))
    owner.worker.start()
    owner.worker.submit('front', 1)
    died = threading.Event()
    waiter = threading.Thread(
        target=lambda: died.set() if join_thread('test') else None, daemon=True
    )
    waiter.start()
    assert died.wait(PATIENCE)
    assert 'thread "test" died' in str(owner.worker.thread.failure)
    assert 'killed' in str(owner.worker.thread.failure)


def join_thread(name: str) -> bool:
    """Wait until the threads of a name have ended."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(PATIENCE)
    return True


def test_stopping_gives_up_on_a_thread_that_does_not_end(owner: Owner) -> None:
    owner.may_go_on.clear()
    owner.worker.start()
    owner.worker.submit('front', 1)
    assert owner.is_processing.wait(PATIENCE)
    started = time.monotonic()
    assert not owner.stop(0.1)
    assert time.monotonic() - started < PATIENCE / 2
    owner.may_go_on.set()
    assert owner.stop()
    assert owner.worker.thread.failure is None


def test_a_worker_that_was_never_started_can_be_stopped(owner: Owner) -> None:
    assert owner.stop()


def test_a_worker_calls_idle_while_it_has_nothing_to_process_and_reports_its_errors() -> None:
    owner, calls = Owner(), threading.Semaphore(0)

    def idle() -> None:
        calls.release()
        raise ZeroDivisionError('unexpected')

    worker: Worker[str, int] = Worker(
        'test', owner.process, report=owner.reported.append, idle=idle
    )
    worker.start()
    assert all(calls.acquire(timeout=PATIENCE) for _ in range(2))
    worker.submit('last', 0)
    assert owner.last.wait(PATIENCE)
    worker.begin_stop()
    assert worker.finish_stop(PATIENCE)
    assert worker.thread.failure is None
    assert repr(owner.reported[0]) == "ZeroDivisionError('unexpected')"


@pytest.mark.usefixtures('no_garbage_collection')
def test_a_stopped_worker_does_not_keep_its_owner_in_memory() -> None:
    owner = Owner()
    owner.worker.start()
    owner.worker.submit('camera', 1)
    owner.stop()
    gone = weakref.ref(owner)
    del owner
    assert gone() is None
