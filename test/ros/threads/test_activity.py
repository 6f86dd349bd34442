import time

from posenet_ros.ros.threads.activity import Activity, ActivityTracker


def test_a_thread_that_waits_leaves_nothing_unnoticed() -> None:
    tracker = ActivityTracker()
    later = time.monotonic() + 100
    with tracker.waiting():
        assert tracker.activity(later) == Activity(processing=0.0, unnoticed=0.0)


def test_processing_counts_from_its_beginning_and_ends_with_the_block() -> None:
    tracker = ActivityTracker()
    later = time.monotonic() + 100
    with tracker.processing():
        assert 99 < tracker.activity(later).processing <= 100
    assert tracker.activity(later).processing == 0.0


def test_an_exception_ends_processing_and_waiting() -> None:
    tracker = ActivityTracker()
    for block in (tracker.processing(), tracker.waiting()):
        try:
            with block:
                raise ValueError
        except ValueError:
            pass
    seen = tracker.activity(time.monotonic() + 100)
    assert seen.processing == 0.0
    assert seen.unnoticed > 99


def test_messages_older_than_the_round_before_were_noticed() -> None:
    tracker = ActivityTracker()
    first = time.monotonic()
    tracker.begin_round()
    second = time.monotonic()
    tracker.begin_round()
    later = second + 100
    assert later - second <= tracker.activity(later).unnoticed <= later - first


def test_a_moment_before_the_last_change_gives_no_negative_times() -> None:
    tracker = ActivityTracker()
    with tracker.processing():
        assert tracker.activity(0.0) == Activity()
