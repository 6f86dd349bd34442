from collections.abc import Iterator
import sys
import threading

import pytest

from posenet_ros.attention.observation import Work
from posenet_ros.ros.pipeline.camera_statistics import CameraStatistics, WINDOW

# Any number: a steady clock may start anywhere.
START = 1000.0
# (height, width) of the network input.
INPUT_SIZE = (241, 321)


@pytest.fixture
def camera() -> CameraStatistics:
    return CameraStatistics(START)


def receive(camera: CameraStatistics, count: int, *, rate: float, start: float = START) -> float:
    """Count images that arrive at a rate in Hz from `start` on; return when the last arrived."""
    times = [start + number / rate for number in range(count)]
    for time in times:
        camera.received(time)
    return times[-1]


def test_every_outcome_of_an_image_is_counted(camera: CameraStatistics) -> None:
    for _ in range(5):
        camera.received(START)
    for _ in range(2):
        camera.replaced()
    camera.processed(START, latency=None, people=0, input_size=INPUT_SIZE)
    camera.refused('too small')
    camera.lost(3)
    camera.lost(4)
    seen = camera.snapshot(START)
    counts = (seen.received, seen.replaced, seen.processed, seen.refused, seen.lost)
    assert counts == (5, 2, 1, 1, 7)


def test_missed_images_arrived_and_were_replaced(camera: CameraStatistics) -> None:
    camera.received(START)
    camera.received(START, missed=3)
    seen = camera.snapshot(START)
    assert (seen.received, seen.replaced) == (5, 3)


def test_replaced_images_are_not_known_unless_messages_are_numbered(
    camera: CameraStatistics,
) -> None:
    camera.received(START, missed=None, numbered=False)
    camera.replaced()
    seen = camera.snapshot(START)
    assert (seen.received, seen.replaced) == (1, None)


def test_missed_images_that_were_lost_did_not_arrive(camera: CameraStatistics) -> None:
    camera.lost(2)
    camera.received(START, missed=3)
    seen = camera.snapshot(START)
    assert (seen.received, seen.replaced, seen.lost) == (2, 1, 2)


def test_images_reported_lost_after_the_next_one_arrived_count_once(
    camera: CameraStatistics,
) -> None:
    camera.received(START, missed=3)
    camera.lost(3)
    camera.received(START, missed=2)
    seen = camera.snapshot(START)
    assert (seen.received, seen.replaced, seen.lost) == (5, 3, 3)


def test_losses_before_the_first_sequence_numbers_do_not_hide_later_replacements(
    camera: CameraStatistics,
) -> None:
    camera.lost(50)
    camera.received(START, missed=None)
    camera.received(START, missed=4)
    seen = camera.snapshot(START)
    assert (seen.received, seen.replaced, seen.lost) == (6, 4, 50)


@pytest.mark.parametrize('every', [0.1, 0.5, 1.0, 2.0])
def test_the_rate_includes_images_that_were_replaced(
    camera: CameraStatistics, every: float
) -> None:
    taken = int(20 / every)
    for number in range(taken + 1):
        camera.received(START + number * every, missed=round(30 * every) - 1)
    assert camera.snapshot(START + taken * every).rate_in == pytest.approx(30)


def test_at_the_start_nothing_is_known(camera: CameraStatistics) -> None:
    seen = camera.snapshot(START)
    assert (seen.received, seen.rate_in, seen.rate_out, seen.waiting) == (0, 0.0, 0.0, 0.0)
    assert (seen.last_refusal, seen.people, seen.since_last_image) == (None, None, None)
    assert (seen.latency_median, seen.latency_p95) == (None, None)


def test_the_last_refusal_is_kept(camera: CameraStatistics) -> None:
    camera.refused('too small')
    camera.refused('encoding mono16')
    assert camera.snapshot(START).last_refusal == 'encoding mono16'


def test_an_unwanted_image_is_skipped_and_does_not_wait(camera: CameraStatistics) -> None:
    camera.received(START, wanted=False)
    seen = camera.snapshot(START + 1)
    assert (seen.received, seen.skipped, seen.waiting) == (1, 1, 0.0)


def test_the_wait_begins_with_the_first_image_in_processing(camera: CameraStatistics) -> None:
    camera.received(START)
    camera.received(START + 1)
    camera.replaced()
    assert camera.snapshot(START + 3).waiting == 3


def test_an_image_received_during_processing_waits(
    camera: CameraStatistics,
) -> None:
    camera.received(START)
    camera.received(START + 1)
    camera.processed(START + 2, latency=None, people=0, input_size=INPUT_SIZE)
    assert camera.snapshot(START + 4).waiting == 3


@pytest.mark.parametrize('outcome', ['processed', 'refused'])
def test_nothing_waits_after_processing(camera: CameraStatistics, outcome: str) -> None:
    camera.received(START)
    if outcome == 'processed':
        camera.processed(START + 1, latency=None, people=0, input_size=INPUT_SIZE)
    else:
        camera.refused('too small')
    assert camera.snapshot(START + 3).waiting == 0


def test_the_people_are_those_of_the_last_processed_image(camera: CameraStatistics) -> None:
    camera.processed(START, latency=None, people=3, input_size=INPUT_SIZE)
    camera.processed(START + 1, latency=None, people=2, input_size=INPUT_SIZE)
    assert camera.snapshot(START + 60).people == 2


@pytest.mark.parametrize('rate', [0.5, 30.0, 500.0])
@pytest.mark.parametrize('seconds', [4.0, 60.0])
def test_the_rate_is_that_at_which_images_arrive(
    camera: CameraStatistics, rate: float, seconds: float
) -> None:
    end = receive(camera, int(rate * seconds) + 1, rate=rate)
    assert camera.snapshot(end).rate_in == pytest.approx(rate)


def test_two_images_are_enough_for_a_rate(camera: CameraStatistics) -> None:
    end = receive(camera, 2, rate=30, start=START + 20)
    assert camera.snapshot(end).rate_in == pytest.approx(30)


def test_one_image_is_not_enough_for_a_rate(camera: CameraStatistics) -> None:
    camera.received(START)
    assert camera.snapshot(START + 0.1).rate_in == 0


def test_two_images_at_the_same_time_give_no_rate(camera: CameraStatistics) -> None:
    camera.received(START)
    camera.received(START)
    assert camera.snapshot(START).rate_in == 0


def test_the_rate_does_not_change_between_two_images(camera: CameraStatistics) -> None:
    end = receive(camera, 100, rate=10)
    assert camera.snapshot(end + 0.09).rate_in == pytest.approx(10)


def test_the_rate_falls_when_images_stop(camera: CameraStatistics) -> None:
    end = receive(camera, 300, rate=30)
    rates = [camera.snapshot(end + pause).rate_in for pause in (0, 1, 2, 4)]
    assert rates == pytest.approx([30, 24, 18, 6], abs=0.5)


def test_the_rate_is_zero_without_images_in_the_window(camera: CameraStatistics) -> None:
    end = receive(camera, 300, rate=30)
    assert camera.snapshot(end + WINDOW + 0.1).rate_in == 0


def test_the_rate_is_correct_as_soon_as_images_are_back(camera: CameraStatistics) -> None:
    receive(camera, 300, rate=30)
    end = receive(camera, 10, rate=20, start=START + 100)
    assert camera.snapshot(end).rate_in == pytest.approx(20)


def test_the_rate_out_is_that_of_processed_images(camera: CameraStatistics) -> None:
    end = receive(camera, 31, rate=30)
    for tenth in range(11):
        camera.processed(START + tenth / 10, latency=None, people=0, input_size=INPUT_SIZE)
    seen = camera.snapshot(end)
    assert (seen.rate_in, seen.rate_out) == pytest.approx((30, 10))


def test_latencies_are_summarised_as_median_and_95th_percentile(
    camera: CameraStatistics,
) -> None:
    for milliseconds in range(101):
        camera.processed(START, latency=milliseconds / 1000, people=0, input_size=INPUT_SIZE)
    seen = camera.snapshot(START)
    assert (seen.latency_median, seen.latency_p95) == pytest.approx((0.05, 0.095))


def test_latencies_older_than_the_window_are_forgotten(camera: CameraStatistics) -> None:
    camera.processed(START, latency=9.0, people=0, input_size=INPUT_SIZE)
    camera.processed(START + WINDOW + 1, latency=0.01, people=0, input_size=INPUT_SIZE)
    assert camera.snapshot(START + WINDOW + 1).latency_p95 == 0.01
    assert camera.snapshot(START + 60).latency_p95 is None


def test_an_image_without_a_latency_counts_but_adds_none(
    camera: CameraStatistics,
) -> None:
    camera.processed(START, latency=0.02, people=0, input_size=INPUT_SIZE)
    camera.processed(START, latency=None, people=0, input_size=INPUT_SIZE)
    seen = camera.snapshot(START)
    assert (seen.processed, seen.latency_median) == (2, 0.02)


def test_silence_is_counted_from_the_last_image(camera: CameraStatistics) -> None:
    camera.received(START + 10)
    seen = camera.snapshot(START + 12)
    assert (seen.since_last_image, seen.silence) == (2, 2)


def test_silence_is_counted_from_the_start_when_no_image_ever_arrived(
    camera: CameraStatistics,
) -> None:
    seen = camera.snapshot(START + 12)
    assert (seen.since_last_image, seen.since_start, seen.silence) == (None, 12, 12)


def test_silence_is_never_negative(
    camera: CameraStatistics,
) -> None:
    camera.received(START + 10.001)
    assert camera.snapshot(START + 10).since_last_image == 0


def test_a_snapshot_does_not_change(camera: CameraStatistics) -> None:
    seen = camera.snapshot(START)
    camera.received(START)
    assert seen.received == 0


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Make Python switch threads as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures('hasty_threads')
def test_threads_may_count_while_another_takes_snapshots(camera: CameraStatistics) -> None:
    begin = threading.Barrier(5)

    def work() -> None:
        begin.wait(60)
        for _ in range(2000):
            camera.received(START)
            camera.processed(START, latency=0.1, people=1, input_size=INPUT_SIZE)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    begin.wait(60)
    for _ in range(50):
        camera.snapshot(START)
    for thread in threads:
        thread.join(60)
    seen = camera.snapshot(START)
    assert (seen.received, seen.processed) == (8000, 8000)


def test_a_restart_resets_silence_rates_latencies_and_people_but_keeps_totals() -> None:
    statistics = CameraStatistics(0.0)
    for time in (99.0, 99.1, 99.2, 99.3):
        statistics.received(time)
    for time in (99.1, 99.2, 99.3):
        statistics.processed(time, latency=0.1, people=2, input_size=INPUT_SIZE)
    statistics.restart(100.0)
    snapshot = statistics.snapshot(101.0)
    assert (snapshot.received, snapshot.processed) == (4, 3)
    assert snapshot.silence == 1.0
    assert (snapshot.rate_in, snapshot.rate_out) == (0.0, 0.0)
    assert (snapshot.latency_median, snapshot.latency_p95) == (None, None)
    assert (snapshot.people, snapshot.waiting) == (None, 0.0)


def look_closer(camera: CameraStatistics, now: float, work: Work) -> None:
    camera.received(now)
    camera.processed(now, latency=None, people=1, input_size=INPUT_SIZE, closer_look=work)


def test_the_work_of_a_closer_look_is_a_mean_over_the_window(camera: CameraStatistics) -> None:
    look_closer(camera, START, Work(searched=True, regions=90, left_out=90))
    for step, regions in enumerate([1, 2, 3, 4]):
        now = START + WINDOW + step
        look_closer(camera, now, Work(searched=step == 0, regions=regions, left_out=2 * step))
    seen = camera.snapshot(START + 2 * WINDOW - 1)
    assert (seen.searches, seen.regions, seen.left_out) == (0.25, 2.5, 3.0)


def test_without_images_of_the_window_the_work_of_a_closer_look_is_not_known(
    camera: CameraStatistics,
) -> None:
    look_closer(camera, START, Work(searched=True, regions=1, left_out=0))
    seen = camera.snapshot(START + WINDOW + 1)
    assert (seen.searches, seen.regions, seen.left_out) == (None, None, None)
