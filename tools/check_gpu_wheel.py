"""
Check that the package handles the GPU build of ONNX Runtime on a machine without a GPU.

`make test-gpu-wheel` runs this program in an environment with the real onnxruntime-gpu. That build
lists CUDA as available and creates sessions without an exception, but runs them on the CPU.
Output: the names of the checks and the messages of the package. A failed check raises
AssertionError.
"""

from collections.abc import Callable
from pathlib import Path
import sys

import numpy as np

from posenet_ros.errors import ProviderError
from posenet_ros.estimation import load_network
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.execution_providers import (
    ExecutionProvider,
    provider_list,
    PROVIDERS,
    Request,
)
from posenet_ros.inference.graph import GraphFile
from posenet_ros.inference.machine.nvidia import find_driver
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.inference.sessions import installed_packages, verified_session
from posenet_ros.posenet.model_settings import ModelSettings
from posenet_ros.posenet.weights.store import find_graph

REQUEST = Request(
    graph='mobilenet_v1_075-stride16',
    sizes=(257, 257),
    precision='float16',
    device_id=0,
    gpu_mem_limit_mb=256,
    intra_op_num_threads=1,
    cache=Path('engines'),
)


def the_build_is_the_gpu_one_and_claims_cuda() -> None:
    assert [package.split()[0] for package in installed_packages()] == ['onnxruntime-gpu']
    assert 'CUDAExecutionProvider' in onnxruntime.get_available_providers()


def auto_falls_back_with_one_warning_that_names_cause_and_remedy() -> None:
    reports: list[str] = []
    network = load_network(ModelSettings(), report=reports.append)
    assert network.execution_provider == 'CPUExecutionProvider'
    (line,) = reports
    print(f'  {line}')
    assert 'cuda cannot be used: no NVIDIA driver is installed' in line
    assert 'execution_provider to cpu' in line
    image = np.zeros((48, 64, 3), np.uint8)
    assert len(network.infer([image], [stretched((48, 64), (33, 49))])) == 1


def cuda_explicitly_is_refused_with_the_cause() -> None:
    _refused(lambda: load_network(ModelSettings(), RuntimeSettings(execution_provider='cuda')))


def tensorrt_explicitly_is_refused_with_the_cause() -> None:
    runtime = RuntimeSettings(execution_provider='tensorrt')
    _refused(lambda: load_network(ModelSettings(), runtime))


def a_session_that_silently_went_to_the_cpu_is_noticed() -> None:
    """Create the session without checking for a driver first."""
    line = _refused(lambda: _session(PROVIDERS['cuda']))
    assert 'libcu' in line, 'the cause is a missing library of CUDA'


def a_session_that_raises_is_named_with_the_cause() -> None:
    assert 'TensorRT' in _refused(lambda: _session(PROVIDERS['tensorrt']))


def all_options_are_known_to_the_providers_library() -> None:
    """Search the libraries, as no session can report `get_provider_options` without a GPU."""
    for name in ('cuda', 'tensorrt'):
        row = PROVIDERS[name]
        folder = Path(onnxruntime.__file__).parent / 'capi'
        content = (folder / row.library).read_bytes()
        unknown = [key for key in row.options(REQUEST) if f'{key}\0'.encode() not in content]
        assert unknown == [], f'{name} does not know {unknown}'
        assert b'no_such_option\0' not in content


def _session(provider: ExecutionProvider) -> object:
    providers = provider_list(provider, REQUEST)
    graph = GraphFile(find_graph('mobilenet_v1_075', 16), REQUEST.graph, remedy='')
    return verified_session(graph, provider, providers, threads=1)


def _refused(action: Callable[[], object]) -> str:
    try:
        action()
    except ProviderError as error:
        print(f'  {error}')
        return str(error)
    raise AssertionError('no ProviderError was raised')


CHECKS = (
    the_build_is_the_gpu_one_and_claims_cuda,
    auto_falls_back_with_one_warning_that_names_cause_and_remedy,
    cuda_explicitly_is_refused_with_the_cause,
    tensorrt_explicitly_is_refused_with_the_cause,
    a_session_that_silently_went_to_the_cpu_is_noticed,
    a_session_that_raises_is_named_with_the_cause,
    all_options_are_known_to_the_providers_library,
)


def main() -> int:
    """Run all checks; on a machine with an NVIDIA driver, run none and say so."""
    if find_driver() is not None:
        print('skipped: these checks are for machines without an NVIDIA driver')
        return 0
    for check in CHECKS:
        print(check.__name__.replace('_', ' '))
        check()
    return 0


if __name__ == '__main__':
    sys.exit(main())
