"""
The execution providers of ONNX Runtime that can run the network: the one table of them.

An execution provider is what ONNX Runtime runs a graph with: CUDA and TensorRT on an NVIDIA GPU,
OpenVINO or its own kernels on the CPU. Names and options are those of
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
    """What a session is wanted for, as far as the options of a provider follow from it."""

    #: Name of the graph: model, output stride and precision.
    graph: str
    #: (height, width) of the network input that is expected.
    input_size: tuple[int, int]
    precision: str
    device_id: int
    #: 0: no limit.
    gpu_mem_limit_mb: int
    #: 0: ONNX Runtime's choice.
    intra_op_num_threads: int
    #: Folder for what takes long to make, in the user's cache.
    cache: Path
    #: What a made engine fits: the GPU's name, the versions of its driver and of ONNX Runtime.
    environment: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExecutionProvider:
    """One row of the table."""

    #: As the setting execution_provider calls it.
    name: str
    #: As ONNX Runtime calls it.
    onnxruntime_name: str
    #: Python package, in place of onnxruntime, that brings it.
    package: str
    #: Its file beside ONNX Runtime's own library; empty: it is inside that.
    library: str
    precisions: tuple[str, ...]
    options: Callable[[Request], Options]
    #: Providers for the nodes that it cannot run, before the CPU's.
    helpers: tuple[str, ...] = ()
    #: Runs on an NVIDIA GPU, with buffers bound there.
    on_gpu: bool = False
    #: Records the run of a shape once and then replays it (enable_cuda_graph).
    replays: bool = False
    #: Makes something that takes minutes, once, and keeps it in `engine_folder`.
    builds_engine: bool = False


def engine_folder(request: Request) -> Path:
    """Return the folder for the TensorRT engines and timings that fit this request alone."""
    height, width = request.input_size
    key = (
        request.graph,
        f'{height}x{width}',
        f'device{request.device_id}',
        *request.environment,
    )
    return request.cache / re.sub(r'[^\w.-]+', '_', '-'.join(key))


def _cpu(request: Request) -> Options:
    return {}


def _cuda(request: Request) -> Options:
    options = {
        'device_id': str(request.device_id),
        # Grows by what is needed: the network is small, and other programs want the memory.
        'arena_extend_strategy': 'kSameAsRequested',
        # Or float32 would be multiplied with 10 bits of mantissa.
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
        # Its output size is an input of the graph; left to CUDA, the rest is one plain engine.
        'trt_op_types_to_exclude': 'Resize',
    }
    if request.gpu_mem_limit_mb:
        options['trt_max_workspace_size'] = str(request.gpu_mem_limit_mb * 2**20)
    return options


def _openvino(request: Request) -> Options:
    # Always said: left alone, OpenVINO takes bfloat16 by itself where the CPU has it.
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
        # bfloat16 is not among them: without OpenVINO it would be float32.
        precisions=('float32', 'int8', 'float16'),
        options=_cpu,
    ),
)

#: By name, the fastest first.
PROVIDERS: Mapping[str, ExecutionProvider] = {row.name: row for row in _ROWS}
CPU = PROVIDERS['cpu']


def candidates(chosen: str, *, tensorrt: bool, precision: str) -> list[ExecutionProvider]:
    """
    Return what to try, in this order, for a choice of execution provider and precision.

    `auto` stands for TensorRT if `tensorrt`, then CUDA, then the CPU, as far as they have the
    precision, and for what else has it where they do not. The CPU is always the last resort;
    whether it may be one is for the caller to decide.
    """
    if chosen == 'auto':
        names = ['tensorrt'] * tensorrt + ['cuda', 'cpu']
        rows = [PROVIDERS[name] for name in names if precision in PROVIDERS[name].precisions]
        rows = rows or [row for row in _ROWS if precision in row.precisions]
    else:
        first = PROVIDERS[chosen]
        rows = [first, *(PROVIDERS[name] for name in first.helpers)]
    return rows if CPU in rows else [*rows, CPU]


def provider_list(provider: ExecutionProvider, request: Request) -> list[tuple[str, Options]]:
    """Return the providers of a session and their options, as ONNX Runtime takes them."""
    rows = [provider, *(PROVIDERS[name] for name in provider.helpers)]
    # Nodes of two providers cannot be replayed as one.
    listed = [
        (row.onnxruntime_name, _without_replay(row.options(request), keep=row is provider))
        for row in rows
    ]
    return listed if provider is CPU else [*listed, (CPU.onnxruntime_name, {})]


def without_replay(providers: list[tuple[str, Options]]) -> list[tuple[str, Options]]:
    """Return the same providers, none of which records and replays its runs."""
    return [(name, _without_replay(options, keep=False)) for name, options in providers]


def _without_replay(options: Options, *, keep: bool) -> Options:
    return {key: value for key, value in options.items() if keep or key != 'enable_cuda_graph'}
