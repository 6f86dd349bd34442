"""
The cause and the remedy for each error message of a failing execution provider or a broken graph.

The messages are those of ONNX Runtime's releases and of its issue tracker. The numbers below are
issues in https://github.com/microsoft/onnxruntime/issues
"""

from dataclasses import dataclass
import re


@dataclass(frozen=True)
class Cause:
    """Why an execution provider cannot be used, and what to do about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        """Return cause and remedy as one line."""
        return f'{self.what}; {self.remedy}'


NO_DRIVER = Cause(
    'no NVIDIA driver is installed (libcuda.so.1 cannot be loaded)',
    'install the driver of your GPU, or set execution_provider to cpu',
)
# Messages for a file that is not a graph, or a graph that no provider can run. ONNX Runtime loads
# the model before it uses any provider.
_BROKEN_GRAPH = re.compile(
    r'INVALID_PROTOBUF|INVALID_GRAPH|NO_MODEL|NO_SUCHFILE|No graph was found'
    r'|Protobuf parsing failed|Unsupported model IR version|Load model from .* failed'
)

_DOCTOR = 'find out what is missing with: posenet doctor'
_LIBRARIES = (
    "install the CUDA and cuDNN that this release needs: pip install 'onnxruntime-gpu[cuda,cudnn]'"
)
_TENSORRT = (
    'install TensorRT 10 and add its libraries to LD_LIBRARY_PATH, or set execution_provider to '
    'cuda'
)

# Pattern, cause and remedy. The first matching pattern is used; {0} is its group.
_KNOWN = (
    (
        # 16307, 22702; with a limit: 23121. cudaErrorMemoryAllocation is CUDA's error 2.
        r'Failed to allocate memory|is smaller than requested bytes|CUDA failure 2\b|out of memory'
        r'|cudaErrorMemoryAllocation|CUDNN_STATUS_ALLOC_FAILED|CUBLAS_STATUS_ALLOC_FAILED'
        r'|bad allocation|std::bad_alloc',
        'out of memory',
        'stop other programs that use the memory, raise gpu_mem_limit_mb if it is set, or choose '
        'a smaller input_size or image_scale_factor',
    ),
    (
        r'pthread_create failed',
        'the system does not allow another thread',
        "raise the limit of processes (ulimit -u, or the container's), or lower "
        'intra_op_num_threads',
    ),
    (
        # 11561
        r'CUDA failure 100\b|no CUDA-capable device',
        'the NVIDIA driver sees no GPU',
        'check with nvidia-smi; in a container, start it with the GPU (docker run --gpus all)',
    ),
    (
        r'CUDA failure (?:35|803)\b|driver version is insufficient',
        'the NVIDIA driver is older than the CUDA of this onnxruntime-gpu',
        'update the driver, or install a release of onnxruntime-gpu for an older CUDA',
    ),
    (
        r'CUDA failure 101\b|invalid device ordinal',
        'no GPU has that device_id',
        'list the GPUs with: posenet doctor',
    ),
    (
        # Among them are all errors after which a process cannot use the GPU any more.
        r'CUDA failure (?:46|4|201|700|702|709|71[04-9]|999)\b'
        r'|device (?:is )?(?:lost|unavailable)|Xid',
        'the GPU stopped responding',
        'check the kernel log (dmesg), and restart the node when the GPU is back',
    ),
    (
        r'no kernel image is available',
        'this onnxruntime-gpu does not support this generation of GPU',
        'install another release of onnxruntime-gpu',
    ),
    (r'(lib[\w.+-]+\.so[\w.]*):? cannot open shared object', '{0} is missing', _LIBRARIES),
    # 13576, 21272, 21527; only some releases have the apostrophe.
    (
        r"CUDA_PATH is set but CUDA wasn'?t able to be loaded",
        'CUDA is not the version that this onnxruntime-gpu needs, or cuDNN is missing',
        _LIBRARIES,
    ),
    (r'Please install TensorRT libraries|libnvinfer', 'TensorRT is missing', _TENSORRT),
    (r'libcudnn|CUDNN_STATUS_NOT_INITIALIZED', 'cuDNN is missing or broken', _LIBRARIES),
    (
        # 21484
        r'Invalid \w+ EP option: (\w+)|Unknown provider option: "?(\w+)'
        r'|Failed to parse provider option "(\w+)"|Unsupported property (\w+)'
        r'|(JSON parsing error)',
        'this release of ONNX Runtime does not support the option {0}',
        'install the release that requirements/run.txt names',
    ),
)


def cause_of(text: str) -> Cause:
    """Return the cause of an error message; for an unknown message, the message itself."""
    what = ' '.join(text.split()) or 'ONNX Runtime gave no reason'
    return _known_cause(text) or Cause(what, _DOCTOR)


def is_broken_graph(error: Exception, *, on_cpu: bool) -> bool:
    """
    Return whether ONNX Runtime's error, from creating or first using a session, is the graph's.

    The CPU provider is part of ONNX Runtime and runs every graph of ours. So if it fails, and the
    cause is not the machine, such as too little memory, the graph is broken.
    """
    if isinstance(error, UnicodeDecodeError):  # a name in the graph, or in a message about it
        return True
    message = str(error)
    return bool(_BROKEN_GRAPH.search(message)) or (on_cpu and _known_cause(message) is None)


def _known_cause(text: str) -> Cause | None:
    for pattern, what, remedy in _KNOWN:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            groups = [group for group in found.groups() if group]
            return Cause(what.format(*groups), remedy)
    return None


def silent_cause() -> Cause:
    """Return the cause if ONNX Runtime used another provider without raising an error."""
    what = 'ONNX Runtime continued without it and printed the reason to standard error only'
    return Cause(what, _DOCTOR)


def libraries_cause(missing: list[str]) -> Cause:
    """Return the cause if libraries that a provider needs cannot be loaded."""
    remedy = _TENSORRT if all('nv' in name for name in missing) else _LIBRARIES
    what = f'{", ".join(missing)} cannot be loaded'
    return Cause(what, remedy)
