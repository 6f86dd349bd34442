from dataclasses import replace
from pathlib import Path
import re
from typing import Any

from machines import Machine, OUT_OF_MEMORY, SILENT
import pytest
from small_graphs import save_graph

from posenet_ros.errors import ModelLoadError, ProviderError
from posenet_ros.inference import sessions
from posenet_ros.inference.execution_providers import CPU, provider_list, PROVIDERS, Request
from posenet_ros.inference.graph import GraphFile
from posenet_ros.inference.machine.nvidia import Driver
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.sessions import (
    environment,
    installed_packages,
    is_invalid_input,
    known_obstacle,
    new_session,
    verified_session,
)

CUDA = PROVIDERS['cuda']
DRIVER = Driver((13, 0), ['First GPU', 'Second GPU'])
REQUEST = Request(
    graph='small',
    sizes=(1, 2),
    precision='float32',
    device_id=1,
    gpu_mem_limit_mb=0,
    intra_op_num_threads=0,
    cache=Path('engines'),
)


@pytest.fixture
def small_graph(tmp_path: Path) -> GraphFile:
    return save_graph(tmp_path)


@pytest.mark.parametrize('threads', [1, 3])
def test_a_session_has_the_requested_number_of_threads(
    small_graph: GraphFile, threads: int
) -> None:
    session = new_session(small_graph.path, provider_list(CPU, REQUEST), threads)
    assert session.get_session_options().intra_op_num_threads == threads


def test_waiting_threads_of_a_session_do_not_spin(small_graph: GraphFile) -> None:
    session = new_session(small_graph.path, provider_list(CPU, REQUEST), 0)
    options = session.get_session_options()
    assert options.get_session_config_entry('session.intra_op.allow_spinning') == '0'


def verified(machine: Machine, graph: GraphFile) -> Any:
    providers = provider_list(CUDA, REQUEST)
    return verified_session(graph, CUDA, providers, threads=1, factory=machine.make)


def test_a_session_that_uses_the_provider_is_returned(
    machine: Machine, small_graph: GraphFile
) -> None:
    assert verified(machine, small_graph).get_providers()[0] == CUDA.onnxruntime_name


def test_a_session_that_silently_uses_the_cpu_is_an_error(
    machine: Machine, small_graph: GraphFile
) -> None:
    machine.starts['cuda'] = [SILENT]
    with pytest.raises(ProviderError, match='cuda cannot be used: ONNX Runtime continued without'):
        verified(machine, small_graph)


def test_missing_libraries_are_the_cause_of_a_silent_session(
    machine: Machine, small_graph: GraphFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.starts['cuda'] = [SILENT]
    monkeypatch.setattr(sessions, 'missing_libraries', lambda provider: ['libcudnn.so.9'])
    with pytest.raises(ProviderError, match=r'cuda cannot be used: libcudnn\.so\.9 cannot be'):
        verified(machine, small_graph)


def test_an_error_of_the_provider_is_raised_with_its_cause(
    machine: Machine, small_graph: GraphFile
) -> None:
    machine.starts['cuda'] = [OUT_OF_MEMORY]
    with pytest.raises(ProviderError, match='cuda cannot be used: out of memory'):
        verified(machine, small_graph)


def test_a_file_that_is_not_a_graph_is_an_error_with_the_owners_remedy(
    machine: Machine, small_graph: GraphFile
) -> None:
    small_graph.path.write_bytes(b'not a graph')
    with pytest.raises(
        ModelLoadError, match=r'small\.onnx cannot be loaded: (?s:.)*make it again'
    ):
        verified(machine, small_graph)


@pytest.mark.parametrize(
    ('driver', 'what'),
    [
        (None, 'no NVIDIA driver is installed'),
        (replace(DRIVER, error='CUDA error 100: no device', devices=[]), 'sees no GPU'),
        (replace(DRIVER, devices=['Only GPU']), 'device_id is 1, .* 0: Only GPU'),
        (replace(DRIVER, devices=[]), 'check with nvidia-smi'),
    ],
)
@pytest.mark.usefixtures('machine')
def test_a_gpu_that_cannot_be_used_is_a_known_obstacle(driver: Driver | None, what: str) -> None:
    obstacle = known_obstacle(CUDA, REQUEST, driver)
    assert obstacle is not None
    assert re.search(what, str(obstacle))


@pytest.mark.usefixtures('machine')
def test_a_gpu_that_the_driver_lists_has_no_known_obstacle() -> None:
    assert known_obstacle(CUDA, REQUEST, DRIVER) is None


def test_a_provider_that_is_not_built_in_is_a_known_obstacle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [CPU.onnxruntime_name])
    obstacle = known_obstacle(CUDA, REQUEST, DRIVER)
    assert obstacle is not None
    assert 'was built without it' in obstacle.what
    assert "pip install 'onnxruntime-gpu[cuda,cudnn]'" in obstacle.remedy


def test_only_an_invalid_argument_is_an_invalid_input() -> None:
    assert is_invalid_input('[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions')
    assert not is_invalid_input(OUT_OF_MEMORY)


def test_an_engine_depends_on_the_gpu_and_the_versions() -> None:
    version = f'onnxruntime{onnxruntime.__version__}'
    assert environment(DRIVER, 1) == ('Second GPU', 'cuda13.0', version)
    assert environment(DRIVER, 2) == ('unknown', 'cuda13.0', version)
    assert environment(None, 0) == ('unknown', 'cudanone', version)


def test_the_installed_package_has_the_version_of_onnxruntime() -> None:
    assert any(package.endswith(f' {onnxruntime.__version__}') for package in installed_packages())
