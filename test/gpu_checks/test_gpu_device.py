"""The GPU as the driver's library sees it; the library is a fake one, compiled for the test."""

import ctypes
from pathlib import Path

from gpu_checks.companion import Companion, CompanionError
from gpu_checks.gpu.device import describe_device, Device, DriverError, open_device
from gpu_checks.plan import Plan
import pytest
from simulated_driver import compile_driver, MEMORY

CUDA = Plan('cuda', 0, quick=True)
REHEARSAL = Plan('cpu', 0, quick=True)
MEGABYTE = 2**20


@pytest.fixture
def library(tmp_path: Path) -> ctypes.CDLL:
    return ctypes.CDLL(str(compile_driver(tmp_path)))


def test_the_memory_that_is_taken_is_used_until_it_is_freed(library: ctypes.CDLL) -> None:
    device = Device(0, library)
    assert device.memory() == (MEMORY, MEMORY)
    address = device.allocate(512 * MEGABYTE)
    assert device.used_mb() == 512
    device.free(address)
    assert device.used_mb() == 0


def test_more_memory_than_there_is_raises_an_error_with_the_drivers_message(
    library: ctypes.CDLL,
) -> None:
    with pytest.raises(DriverError, match=r'cuMemAlloc_v2: CUDA error 2: out of memory'):
        Device(0, library).allocate(MEMORY + 1)


def test_a_device_that_does_not_exist_raises_an_error(library: ctypes.CDLL) -> None:
    with pytest.raises(DriverError, match='cuDeviceGet: CUDA error 101'):
        Device(1, library)


def test_a_reset_destroys_all_that_the_process_has(library: ctypes.CDLL) -> None:
    device = Device(0, library)
    device.allocate(MEGABYTE)
    device.reset_context()
    assert library.test_resets() == 1
    assert device.used_mb() == 0


def test_after_the_context_is_broken_each_call_fails(library: ctypes.CDLL) -> None:
    device = Device(0, library)
    device.break_context()
    with pytest.raises(DriverError, match='CUDA error 719'):
        device.memory()


def test_a_kernel_that_cannot_be_loaded_raises_an_error(
    library: ctypes.CDLL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('gpu_checks.gpu.device._TRAP', 'no kernel')
    with pytest.raises(DriverError, match='cuModuleLoadData: CUDA error 218'):
        Device(0, library).break_context()


def test_a_device_is_described(library: ctypes.CDLL) -> None:
    assert Device(0, library).describe() == {
        'compute_capability': '75.76',  # the simulated attributes are their own numbers
        'multiprocessors': 16,
        'memory_mb': 2560,
        'free_mb': 2560,
    }


def test_a_rehearsal_has_no_device() -> None:
    assert open_device(REHEARSAL) is None
    assert describe_device(REHEARSAL) is None


def test_another_process_takes_all_memory_until_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compile_driver(tmp_path)
    monkeypatch.setenv('LD_LIBRARY_PATH', str(tmp_path))
    taker = Companion('gpu_checks.programs.memory_taker:run', CUDA)
    try:
        assert taker.receive() == {'taken_mb': 2560}
    finally:
        rest = taker.stop()
    assert rest == [{'taken_mb': 2560}]


def test_a_process_that_ends_at_once_raises_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('LD_LIBRARY_PATH', str(tmp_path))  # without a driver
    companion = Companion('gpu_checks.programs.memory_taker:run', CUDA)
    with pytest.raises(CompanionError, match='exit code 1'):
        companion.receive()
    companion.kill()
