"""
Machines with a simulated GPU, for tests.

There is a driver, ONNX Runtime claims to have all providers, and a factory creates sessions that
claim to use the GPU and raise ONNX Runtime's errors on demand. Everything else is real: the
sessions run the real graph on the CPU, with real bound buffers in the CPU's memory.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
import weakref

import pytest

from posenet_ros.inference import fallback, graph_start, runtime
from posenet_ros.inference.execution_providers import PROVIDERS
from posenet_ros.inference.machine.nvidia import Driver
from posenet_ros.inference.onnx_runtime import onnxruntime
from posenet_ros.inference.sessions import new_session, Providers
from posenet_ros.posenet.network import PoseNet

#: Loads a network with runtime settings; returns it and the lines that it reported.
Start = Callable[..., tuple[PoseNet, list[str]]]

OUT_OF_MEMORY = (
    '[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running '
    "FusedConv node. Name:'Conv_3' Status Message: /onnxruntime_src/onnxruntime/core/framework/"
    'bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, '
    'onnxruntime::Stream*, bool, onnxruntime::WaitNotificationFn) Failed to allocate memory for '
    'requested buffer of size 643840'
)
NO_DEVICE = (
    '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:116 std::conditional_t<THRW, '
    'void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, '
    'ERRTYPE, const char*, const char*, int) CUDA failure 100: no CUDA-capable device is detected '
    '; GPU=32635 ; hostname=robot ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/'
    'cuda_execution_provider.cc ; line=245 ; expr=cudaSetDevice(info_.device_id);'
)
OLD_DRIVER = NO_DEVICE.replace(
    '100: no CUDA-capable device is detected',
    '35: CUDA driver version is insufficient for CUDA runtime version',
)
DEVICE_LOST = (
    '[ONNXRuntimeError] : 1 : FAIL : CUDA failure 999: unknown error ; GPU=0 ; hostname=robot ; '
    'file=/onnxruntime_src/onnxruntime/core/providers/cuda/gpu_data_transfer.cc ; line=65 ; '
    'expr=cudaMemcpy(dst_data, src_data, bytes, cudaMemcpyHostToDevice);'
)
WRONG_CUDA = (
    '/onnxruntime_src/onnxruntime/python/onnxruntime_pybind_state.cc:857 onnxruntime::python::'
    "CreateExecutionProviderInstance CUDA_PATH is set but CUDA wasn't able to be loaded. Please "
    'install the correct version of CUDA and cuDNN as mentioned in the GPU requirements page'
)
NO_TENSORRT = (
    '/onnxruntime_src/onnxruntime/python/onnxruntime_pybind_state.cc:729 void onnxruntime::python'
    '::RegisterTensorRTPluginsAsCustomOps(PySessionOptions&, const onnxruntime::ProviderOptions&)'
    ' Please install TensorRT libraries as mentioned in the GPU requirements page, make sure '
    "they're in the PATH or LD_LIBRARY_PATH, and that your GPU is supported."
)
BAD_OPTION = (
    '/onnxruntime_src/onnxruntime/python/onnxruntime_pybind_state.cc:709 onnxruntime::python::'
    'CreateExecutionProviderInstance Invalid TensorRT EP option: trt_timing_cache_path'
)
NO_RECORDING = (
    '[ONNXRuntimeError] : 1 : FAIL : This session cannot use the graph capture feature as '
    'requested by the user as all compute graph nodes have not been partitioned to the '
    'CUDAExecutionProvider'
)

#: In place of an error message: the session silently uses the CPU.
SILENT = 'silent'


class GpuSession:
    """A session on the CPU that claims other providers, and fails when its machine demands it."""

    def __init__(self, machine: 'Machine', real: Any, names: list[str]) -> None:
        """Wrap a real session of a machine; `names` are the providers to claim."""
        self._machine = machine
        self._real = real
        self._names = names

    def get_providers(self) -> list[str]:
        return self._names

    def get_modelmeta(self) -> Any:
        return self._real.get_modelmeta()

    def io_binding(self) -> Any:
        return self._real.io_binding()

    def run(self, *arguments: Any) -> Any:
        self._machine.next_run(self._names[0])
        return self._real.run(*arguments)

    def run_with_iobinding(self, *arguments: Any) -> None:
        self._machine.next_run(self._names[0])
        self._real.run_with_iobinding(*arguments)


class Machine:
    """What the sessions of a machine do next, by execution provider, and what was requested."""

    def __init__(self) -> None:
        """Start with everything working."""
        #: For each session that will be created on a provider: the message of its error, SILENT,
        #: or None, which means that it works.
        self.starts: dict[str, list[str | None]] = {}
        #: The same for each run, including the first runs.
        self.runs: dict[str, list[str | None]] = {}
        #: The providers of every session that was requested.
        self.requested: list[Providers] = []
        #: For every requested session, whether the previous one had been freed by then.
        self.freed: list[bool] = []
        self._latest: weakref.ref[GpuSession] | None = None

    @property
    def started(self) -> list[str]:
        """Return our name of the first provider of every session that was requested."""
        names = {row.onnxruntime_name: row.name for row in PROVIDERS.values()}
        return [names[providers[0][0]] for providers in self.requested]

    def make(self, graph: Path, providers: Providers, threads: int) -> Any:
        """Create a session, as `new_session` does."""
        self.freed.append(self._latest is None or self._latest() is None)
        self.requested.append(providers)
        start = _next(self.starts, self.started[-1])
        if start not in (None, SILENT):
            raise RuntimeError(start)
        real = new_session(graph, [('CPUExecutionProvider', {})], threads)
        names = [name for name, _ in providers if start is None or name.startswith('CPU')]
        session = GpuSession(self, real, names)
        self._latest = weakref.ref(session)
        return session

    def next_run(self, onnxruntime_name: str) -> None:
        """Raise the error of the next run on a provider, if it has one."""
        names = {row.onnxruntime_name: row.name for row in PROVIDERS.values()}
        error = _next(self.runs, names[onnxruntime_name])
        if error is not None:
            raise RuntimeError(error)


def _next(script: dict[str, list[str | None]], name: str) -> str | None:
    steps = script.get(name)
    return steps.pop(0) if steps else None


@contextmanager
def gpu_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Give this machine a driver with one GPU, and all providers in ONNX Runtime."""
    names = [row.onnxruntime_name for row in PROVIDERS.values()]
    driver = Driver((13, 0), ['Test GPU'])
    monkeypatch.setattr(runtime, 'find_driver', lambda: driver)
    monkeypatch.setattr(graph_start, 'GPU_MEMORY', 'cpu')
    monkeypatch.setattr(fallback, 'cpu_flags', lambda: {'avx2', 'avx512_vnni'})
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: names)
    yield Machine()
