"""
The table of execution providers that can run a graph, with the options of each.

An execution provider is the part of ONNX Runtime that runs a graph: CUDA and TensorRT on an NVIDIA
GPU, OpenVINO or ONNX Runtime's own kernels on the CPU. Names and options are documented at
https://onnxruntime.ai/docs/execution-providers/.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re

PRECISIONS = ('float32', 'bfloat16', 'int8', 'float16')

Options = dict[str, str]


@dataclass(frozen=True)
class Request:
    """The purpose of a session: everything on which the options of a provider depend."""

    #: Name of the graph.
    graph: str
    #: The most common input sizes.
    sizes: tuple[int, ...]
    precision: str
    device_id: int
    #: 0 means no limit.
    gpu_mem_limit_mb: int
    #: 0 means that ONNX Runtime chooses.
    intra_op_num_threads: int
    #: Folder for the engines of all graphs.
    cache: Path
    #: What else an engine depends on: the GPU's name, the versions of CUDA and ONNX Runtime.
    environment: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExecutionProvider:
    """One row of the table."""

    #: The name in the setting execution_provider.
    name: str
    #: The name in ONNX Runtime.
    onnxruntime_name: str
    #: The Python package that contains the provider, a build of ONNX Runtime.
    package: str
    #: The file name of its library; empty if it is part of ONNX Runtime's own library.
    library: str
    precisions: tuple[str, ...]
    options: Callable[[Request], Options]
    #: Providers for nodes of the graph that it cannot run; the CPU provider comes after them.
    helpers: tuple[str, ...] = ()
    #: Whether it runs on an NVIDIA GPU, with bound buffers in GPU memory.
    on_gpu: bool = False
    #: Whether it records one run for each shape and then replays it (enable_cuda_graph).
    replays: bool = False
    #: Whether it builds an engine, which takes minutes and is kept in `engine_folder`.
    builds_engine: bool = False


def engine_folder(request: Request) -> Path:
    """Return the folder for the engine and timings that are specific to this request."""
    sizes = 'x'.join(map(str, request.sizes))
    key = (request.graph, sizes, f'device{request.device_id}', *request.environment)
    return request.cache / re.sub(r'[^\w.-]+', '_', '-'.join(key))


def has_engine(request: Request) -> bool:
    """Return whether an engine for this request was built before."""
    return any(engine_folder(request).glob('*.engine'))


def _cuda(request: Request) -> Options:
    options = {
        'device_id': str(request.device_id),
        # Allocate only what is needed: other programs use the GPU's memory too.
        'arena_extend_strategy': 'kSameAsRequested',
        # TensorFloat-32 would multiply float32 values with only 10 bits of mantissa.
        'use_tf32': '0',
        'enable_cuda_graph': '1',
    }
    if request.gpu_mem_limit_mb:
        options['gpu_mem_limit'] = str(request.gpu_mem_limit_mb * 2**20)
    return options


def _tensorrt(request: Request) -> Options:
    folder = str(engine_folder(request))
    options = {
        'device_id': str(request.device_id),
        'trt_engine_cache_enable': '1',
        'trt_engine_cache_path': folder,
        'trt_timing_cache_enable': '1',
        'trt_timing_cache_path': folder,
        'trt_fp16_enable': '1' if request.precision == 'float16' else '0',
    }
    if request.gpu_mem_limit_mb:
        options['trt_max_workspace_size'] = str(request.gpu_mem_limit_mb * 2**20)
    return options


def _openvino(request: Request) -> Options:
    # Always set: by default OpenVINO uses bfloat16 on CPUs that support it.
    hint = 'bf16' if request.precision == 'bfloat16' else 'f32'
    cpu: dict[str, str | int] = {'INFERENCE_PRECISION_HINT': hint}
    if request.intra_op_num_threads:
        cpu['INFERENCE_NUM_THREADS'] = request.intra_op_num_threads
    return {'device_type': 'CPU', 'load_config': json.dumps({'CPU': cpu})}


_ROWS = (
    ExecutionProvider(
        name='tensorrt',
        onnxruntime_name='TensorrtExecutionProvider',
        package='onnxruntime-gpu',
        library='libonnxruntime_providers_tensorrt.so',
        precisions=('float32', 'float16'),
        options=_tensorrt,
        helpers=('cuda',),
        on_gpu=True,
        builds_engine=True,
    ),
    ExecutionProvider(
        name='cuda',
        onnxruntime_name='CUDAExecutionProvider',
        package='onnxruntime-gpu',
        library='libonnxruntime_providers_cuda.so',
        precisions=('float32', 'float16'),
        options=_cuda,
        on_gpu=True,
        replays=True,
    ),
    ExecutionProvider(
        name='openvino',
        onnxruntime_name='OpenVINOExecutionProvider',
        package='onnxruntime-openvino',
        library='libonnxruntime_providers_openvino.so',
        precisions=('float32', 'bfloat16'),
        options=_openvino,
    ),
    ExecutionProvider(
        name='cpu',
        onnxruntime_name='CPUExecutionProvider',
        package='onnxruntime',
        library='',
        # Not bfloat16: the CPU provider would run the float32 graph in float32.
        precisions=('float32', 'int8', 'float16'),
        options=lambda request: {},
    ),
)

#: By name, fastest first.
PROVIDERS: Mapping[str, ExecutionProvider] = {row.name: row for row in _ROWS}
CPU = PROVIDERS['cpu']


def candidates(chosen: str, *, precision: str, engine_is_built: bool) -> list[ExecutionProvider]:
    """
    Return the providers to try, in order, for the chosen execution provider and precision.

    `auto` tries TensorRT if its engine was already built, then CUDA, then the CPU, without those
    that do not support the precision. If none of these does, it tries all providers that support
    it. The CPU always comes last; the caller decides whether it may be used.
    """
    if chosen == 'auto':
        names = ['tensorrt'] * engine_is_built + ['cuda', 'cpu']
        rows = [PROVIDERS[name] for name in names if precision in PROVIDERS[name].precisions]
        rows = rows or [row for row in _ROWS if precision in row.precisions]
    else:
        first = PROVIDERS[chosen]
        rows = [first, *(PROVIDERS[name] for name in first.helpers)]
    return rows if CPU in rows else [*rows, CPU]


def provider_list(provider: ExecutionProvider, request: Request) -> list[tuple[str, Options]]:
    """Return the providers of a session with their options, as ONNX Runtime expects them."""
    rows = [provider, *(PROVIDERS[name] for name in provider.helpers)]
    # A run can be replayed only if one provider runs all of it.
    listed = [(row.onnxruntime_name, row.options(request)) for row in rows]
    listed = listed[:1] + without_replay(listed[1:])
    return listed if provider is CPU else [*listed, (CPU.onnxruntime_name, {})]


def without_replay(providers: list[tuple[str, Options]]) -> list[tuple[str, Options]]:
    """Return the same providers, but without recording and replaying runs."""
    return [
        (name, {key: value for key, value in options.items() if key != 'enable_cuda_graph'})
        for name, options in providers
    ]
