"""A stream of a GPU, with a simulated driver."""

import ctypes

from gpu_checks.gpu.device import DriverError
from gpu_checks.gpu.host_stream import HostStream
from gpu_checks.gpu.stream import GpuStream, open_stream, Stream
from gpu_checks.plan import Plan
import numpy as np
import pytest
from simulated_driver import compile_driver


@pytest.fixture(scope='module')
def driver(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return ctypes.CDLL(str(compile_driver(tmp_path_factory.mktemp('driver'))))


@pytest.fixture(params=['gpu', 'host'])
def stream(request: pytest.FixtureRequest, driver: ctypes.CDLL) -> Stream:
    return GpuStream(0, driver) if request.param == 'gpu' else HostStream()


def test_what_is_copied_to_the_device_can_be_copied_within_it_and_back(stream: Stream) -> None:
    sent, received = np.arange(100, dtype=np.float32), np.zeros(100, np.float32)
    first, second = stream.allocate(400), stream.allocate(400)
    for upload, download in (
        (stream.upload, stream.download),
        (stream.enqueue_upload, stream.enqueue_download),
    ):
        received[:] = 0
        upload(first, sent)
        stream.enqueue_copy(second, first, 400)
        download(received, second)
        stream.synchronize()
        np.testing.assert_array_equal(received, sent)
    stream.free(first)
    stream.free(second)


def test_pinned_memory_holds_what_is_written(stream: Stream) -> None:
    pinned, address = stream.allocate_pinned(1000), stream.allocate(1000)
    pinned[:] = 7
    stream.enqueue_upload(address, pinned)
    pinned[:] = 0
    stream.enqueue_download(pinned, address)
    stream.synchronize()
    assert (pinned == 7).all()
    stream.free_pinned(pinned)
    stream.free(address)


def test_memory_is_reported_in_bytes(stream: Stream) -> None:
    free, total = stream.memory()
    assert 0 < free <= total


def test_the_time_on_the_gpu_is_that_between_two_events_after_a_delay(
    driver: ctypes.CDLL,
) -> None:
    stream = GpuStream(0, driver)
    address = stream.allocate(2**21)
    elapsed = stream.measure(lambda: stream.enqueue_copy(address, address + 2**20, 2**20))
    # A copy of 1 MiB, and an event.
    assert elapsed == pytest.approx(0.5 / 64 + 0.001, abs=1e-4)
    stream.free(address)


def test_everything_is_enqueued_on_the_stream(driver: ctypes.CDLL) -> None:
    stream = GpuStream(0, driver)
    last, array = ctypes.c_void_p.in_dll(driver, 'last_stream'), np.zeros(4, np.uint8)
    address = stream.allocate(8)
    assert stream.address
    for enqueue in (
        lambda: stream.enqueue_upload(address, array),
        lambda: stream.enqueue_download(array, address),
        lambda: stream.enqueue_copy(address + 4, address, 4),
        stream.synchronize,
        lambda: stream.measure(lambda: None),
    ):
        last.value = None
        enqueue()
        assert last.value == stream.address
    stream.free(address)


def test_an_error_of_the_driver_names_the_call_and_the_cause(driver: ctypes.CDLL) -> None:
    stream = GpuStream(0, driver)
    failure = ctypes.c_int.in_dll(driver, 'failure')
    failure.value = 2
    try:
        with pytest.raises(DriverError, match=r'cuMemHostAlloc.*2.*out of memory'):
            stream.allocate_pinned(10)
    finally:
        failure.value = 0


def test_a_rehearsal_uses_the_memory_and_the_clock_of_the_cpu() -> None:
    stream = open_stream(Plan('cpu', 0, True))
    assert (stream.clock, stream.address, stream.device) == ('wall', 0, ('cpu', 0))
    assert stream.measure(lambda: None) >= 0
