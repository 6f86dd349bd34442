"""Falling back to the next candidate at the start, on the simulated machines in machines.py."""

from pathlib import Path
import re

from machines import (
    BAD_OPTION,
    Machine,
    NO_DEVICE,
    NO_TENSORRT,
    OLD_DRIVER,
    OUT_OF_MEMORY,
    SILENT,
    Start,
    WRONG_CUDA,
)
import pytest

from posenet_ros.errors import ProviderError
from posenet_ros.inference import fallback, runtime
from posenet_ros.inference.machine import nvidia
from posenet_ros.posenet.network import PoseNet


@pytest.mark.parametrize(
    ('start_error', 'cause'),
    [
        (NO_DEVICE, 'sees no GPU; check with nvidia-smi'),
        (OLD_DRIVER, 'driver is older .*; update the driver'),
        (WRONG_CUDA, r'not the version .*; install the CUDA and cuDNN .* pip install'),
        (OUT_OF_MEMORY, 'out of memory; stop other programs'),
        (SILENT, 'continued without it .*; find out what is missing with: posenet doctor'),
    ],
)
def test_auto_falls_back_and_reports_cause_and_remedy_once(
    start: Start, machine: Machine, start_error: str, cause: str
) -> None:
    machine.starts['cuda'] = [start_error, start_error]
    network, reported = start()
    assert network.execution_provider == 'CPUExecutionProvider'
    (line,) = reported
    assert re.search(f'cuda cannot be used: .*{cause}', line)
    assert network.notices == (line,)


@pytest.mark.parametrize(
    ('provider', 'start_error', 'cause'),
    [
        ('cuda', NO_DEVICE, 'sees no GPU'),
        ('cuda', SILENT, 'continued without it'),
        ('openvino', SILENT, 'continued without it'),
        ('tensorrt', NO_TENSORRT, 'TensorRT is missing'),
        ('tensorrt', BAD_OPTION, 'does not support the option trt_timing_cache_path'),
    ],
)
def test_a_chosen_provider_that_does_not_work_is_an_error_with_the_cause(
    start: Start, machine: Machine, provider: str, start_error: str, cause: str
) -> None:
    machine.starts[provider] = [start_error, start_error]
    with pytest.raises(ProviderError, match=f'{provider} cannot be used: .*{cause}.*allow_fall'):
        start(execution_provider=provider)


def test_a_chosen_provider_falls_back_if_the_user_allows_it(
    start: Start, machine: Machine
) -> None:
    machine.starts['tensorrt'] = [NO_TENSORRT]
    network, reported = start(execution_provider='tensorrt', allow_fallback=True)
    assert network.execution_provider == 'CUDAExecutionProvider'
    assert 'tensorrt cannot be used' in reported[-1]


def test_without_a_driver_cuda_is_not_tried(
    start: Start, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, 'find_driver', lambda: None)
    network, (line,) = start()
    assert 'no NVIDIA driver is installed' in line
    assert machine.started == ['cpu']
    assert network.execution_provider == 'CPUExecutionProvider'


def test_a_machine_without_gpu_and_gpu_package_reports_nothing(graph_file: Path) -> None:
    if nvidia.find_driver() is not None:
        pytest.skip('this machine has an NVIDIA driver')
    reported: list[str] = []
    assert PoseNet(graph_file, report=reported.append).execution_provider == 'CPUExecutionProvider'
    assert reported == []


def test_bfloat16_falls_back_to_float32_if_the_user_allows_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('posenet_ros.inference.sessions.cpu_flags', lambda: {'avx2'})
    network, reported = start(precision='bfloat16', allow_fallback=True)
    assert network.execution_provider == 'CPUExecutionProvider'
    assert reported[-1] == 'the cpu does not support bfloat16; it runs the network in float32'


@pytest.mark.parametrize(
    ('flags', 'warns'), [({'avx2'}, True), ({'avx2', 'avx_vnni'}, False), (set(), False)]
)
def test_int8_on_a_cpu_without_8_bit_instructions_gives_a_warning_if_that_is_known(
    start: Start, monkeypatch: pytest.MonkeyPatch, flags: set[str], warns: bool
) -> None:
    monkeypatch.setattr(fallback, 'cpu_flags', lambda: flags)
    network, reported = start(precision='int8')
    assert ['int8 is not fast on this cpu' in line for line in reported] == [True] * warns
    assert network.notices == tuple(reported)
