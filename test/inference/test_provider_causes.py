"""Causes of the messages of ONNX Runtime, seen on our machines and in its issue tracker."""

import machines
import pytest

from posenet_ros.inference.provider_causes import cause_of, is_broken_graph, libraries_cause

MISSING_LIBRARY = (
    '[ONNXRuntimeError] : 1 : FAIL : Failed to load library /venv/onnxruntime/capi/'
    'libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object '
    'file: No such file or directory'
)
# In issue 23121 of ONNX Runtime: the limit of the arena is reached, but not that of the device.
ABOVE_LIMIT = machines.OUT_OF_MEMORY.replace(
    'Failed to allocate memory for requested buffer of size 643840',
    'Available memory of 0 is smaller than requested bytes of 643840',
)


@pytest.mark.parametrize(
    ('message', 'what', 'remedy'),
    [
        (machines.OUT_OF_MEMORY, 'out of memory', 'gpu_mem_limit_mb'),
        (ABOVE_LIMIT, 'out of memory', 'raise gpu_mem_limit_mb'),
        ('CUDA failure 2: out of memory ; GPU=0', 'out of memory', 'input_size'),
        ('CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED', 'out of memory', 'other programs'),
        (machines.NO_DEVICE, 'the NVIDIA driver sees no GPU', 'nvidia-smi'),
        (machines.OLD_DRIVER, 'older than the CUDA', 'update the driver'),
        ('CUDA failure 101: invalid device ordinal ; GPU=3', 'device_id', 'posenet doctor'),
        (machines.DEVICE_LOST, 'stopped responding', 'dmesg'),
        (
            'CUDA failure 709: context is destroyed ; GPU=0',
            'stopped responding',
            'restart the node',
        ),
        ('CUDA failure 715: an illegal instruction was', 'stopped responding', 'restart the node'),
        (MISSING_LIBRARY, 'libcublasLt.so.13 is missing', 'onnxruntime-gpu[cuda,cudnn]'),
        (machines.WRONG_CUDA, 'not the version', 'onnxruntime-gpu[cuda,cudnn]'),
        (machines.WRONG_CUDA.replace("wasn't", 'wasnt'), 'not the version', 'pip install'),
        (machines.NO_TENSORRT, 'TensorRT is missing', 'LD_LIBRARY_PATH'),
        (machines.BAD_OPTION, 'option trt_timing_cache_path', 'requirements/run.txt'),
        ('Unknown provider option: "user_stream"', 'option user_stream', 'release'),
        ('NotFound: Unsupported property NO_SUCH by CPU plugin.', 'option NO_SUCH', 'release'),
    ],
)
def test_a_message_has_its_cause_and_its_remedy(message: str, what: str, remedy: str) -> None:
    cause = cause_of(message)
    assert what in cause.what
    assert remedy in cause.remedy


def test_the_cause_of_an_unknown_message_is_the_message_on_one_line() -> None:
    cause = cause_of('something\n  unexpected\n')
    assert str(cause) == 'something unexpected; find out what is missing with: posenet doctor'


def test_missing_libraries_are_all_named() -> None:
    cause = libraries_cause(['libcublas.so.13', 'libcudnn.so.9'])
    assert cause.what == 'libcublas.so.13, libcudnn.so.9 cannot be loaded'
    assert 'cudnn' in cause.remedy


def test_missing_libraries_of_tensorrt_have_their_own_remedy() -> None:
    assert 'TensorRT' in libraries_cause(['libnvinfer.so.10', 'libnvonnxparser.so.10']).remedy


@pytest.mark.parametrize(
    ('message', 'on_cpu', 'is_broken'),
    [
        ('[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Protobuf parsing failed.', False, True),
        (
            'INVALID_ARGUMENT : Load model from a.onnx failed:Invalid model. Node input',
            False,
            True,
        ),
        ('[ONNXRuntimeError] : 1 : FAIL : Conv group must be greater than 0.', True, True),
        ('[ONNXRuntimeError] : 1 : FAIL : Conv group must be greater than 0.', False, False),
        ('[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : no kernel', True, True),
        ('[ONNXRuntimeError] : 6 : Failed to allocate memory', True, False),
        ('std::bad_alloc', True, False),
        ('[ONNXRuntimeError] : 1 : FAIL : pthread_create failed, error code: 11', True, False),
    ],
)
def test_the_graph_is_broken_if_no_provider_can_load_it_or_the_cpu_fails_without_another_cause(
    message: str, on_cpu: bool, is_broken: bool
) -> None:
    assert is_broken_graph(RuntimeError(message), on_cpu=on_cpu) == is_broken


def test_a_graph_with_text_that_is_not_utf_8_is_broken() -> None:
    error = UnicodeDecodeError('utf-8', b'\xff', 0, 1, 'invalid start byte')
    assert is_broken_graph(error, on_cpu=False)
