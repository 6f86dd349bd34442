from dataclasses import replace
import json
from pathlib import Path

import pytest

from posenet_ros.errors import SettingError
from posenet_ros.inference.execution_providers import (
    candidates,
    CPU,
    engine_folder,
    has_engine,
    provider_list,
    PROVIDERS,
    Request,
    without_replay,
)
from posenet_ros.inference.runtime_settings import RuntimeSettings

REQUEST = Request(
    graph='mobilenet_v1_075-stride16',
    sizes=(257, 353),
    precision='float32',
    device_id=1,
    gpu_mem_limit_mb=512,
    intra_op_num_threads=3,
    cache=Path('cache'),
    environment=('NVIDIA Test 9000', 'cuda13.0', 'onnxruntime1.31.1'),
)


def names(chosen: str, *, built: bool = False, precision: str = 'float32') -> list[str]:
    rows = candidates(chosen, precision=precision, engine_is_built=built)
    return [row.name for row in rows]


def test_auto_tries_tensorrt_if_its_engine_is_built_then_cuda_then_the_cpu() -> None:
    assert names('auto') == ['cuda', 'cpu']
    assert names('auto', built=True) == ['tensorrt', 'cuda', 'cpu']


@pytest.mark.parametrize(
    ('precision', 'expected'),
    [
        ('bfloat16', ['openvino', 'cpu']),
        ('int8', ['cpu']),
        ('float16', ['tensorrt', 'cuda', 'cpu']),
    ],
)
def test_auto_tries_only_providers_that_support_the_precision(
    precision: str, expected: list[str]
) -> None:
    assert names('auto', built=True, precision=precision) == expected


@pytest.mark.parametrize('chosen', PROVIDERS)
def test_the_chosen_provider_comes_first_and_the_cpu_last(chosen: str) -> None:
    assert names(chosen)[0] == chosen
    assert names(chosen)[-1] == 'cpu'


@pytest.mark.parametrize(
    ('chosen', 'precision'),
    [('cuda', 'bfloat16'), ('cuda', 'int8'), ('cpu', 'bfloat16'), ('openvino', 'float16')],
)
def test_a_precision_is_refused_if_the_chosen_provider_does_not_support_it(
    chosen: str, precision: str
) -> None:
    with pytest.raises(SettingError, match=f'{precision}, which {chosen} does not support; set'):
        RuntimeSettings(execution_provider=chosen, precision=precision)


def test_nodes_that_tensorrt_cannot_run_go_to_cuda_and_then_to_the_cpu() -> None:
    listed = [name for name, _ in provider_list(PROVIDERS['tensorrt'], REQUEST)]
    assert listed == [
        'TensorrtExecutionProvider', 'CUDAExecutionProvider', 'CPUExecutionProvider'
    ]  # fmt: skip
    assert [name for name, _ in provider_list(CPU, REQUEST)] == ['CPUExecutionProvider']


def test_all_options_are_strings_as_onnxruntime_expects() -> None:
    for row in PROVIDERS.values():
        for key, value in row.options(REQUEST).items():
            assert (type(key), type(value)) == (str, str)


def test_a_memory_limit_is_converted_to_bytes_and_the_default_is_no_limit() -> None:
    cuda = PROVIDERS['cuda'].options
    assert cuda(REQUEST)['gpu_mem_limit'] == str(512 * 1024 * 1024)
    assert 'gpu_mem_limit' not in cuda(replace(REQUEST, gpu_mem_limit_mb=0))


def test_tensorfloat_32_is_off() -> None:
    assert PROVIDERS['cuda'].options(REQUEST)['use_tf32'] == '0'


@pytest.mark.parametrize('name', ['cuda', 'tensorrt'])
def test_the_options_select_the_gpu(name: str) -> None:
    assert PROVIDERS[name].options(REQUEST)['device_id'] == '1'


def test_cuda_records_runs_unless_it_helps_tensorrt_or_recording_is_off() -> None:
    alone = provider_list(PROVIDERS['cuda'], REQUEST)
    helping = provider_list(PROVIDERS['tensorrt'], REQUEST)
    assert dict(alone)['CUDAExecutionProvider']['enable_cuda_graph'] == '1'
    assert 'enable_cuda_graph' not in dict(helping)['CUDAExecutionProvider']
    assert 'enable_cuda_graph' not in dict(without_replay(alone))['CUDAExecutionProvider']


@pytest.mark.parametrize(('precision', 'hint'), [('float32', 'f32'), ('bfloat16', 'bf16')])
def test_the_precision_of_openvino_is_always_set(precision: str, hint: str) -> None:
    options = PROVIDERS['openvino'].options(replace(REQUEST, precision=precision))
    assert json.loads(options['load_config']) == {
        'CPU': {'INFERENCE_PRECISION_HINT': hint, 'INFERENCE_NUM_THREADS': 3}
    }


@pytest.mark.parametrize(
    'other',
    [
        replace(REQUEST, graph='mobilenet_v1_100-stride16'),
        replace(REQUEST, graph='mobilenet_v1_075-stride16-float16'),
        replace(REQUEST, sizes=(257, 257)),
        replace(REQUEST, device_id=0),
        replace(REQUEST, environment=('NVIDIA Test 8000', *REQUEST.environment[1:])),
        replace(REQUEST, environment=(*REQUEST.environment[:2], 'onnxruntime1.30.0')),
    ],
)
def test_an_engine_folder_depends_on_graph_sizes_device_and_versions(other: Request) -> None:
    assert engine_folder(other) != engine_folder(REQUEST)


def test_an_engine_folder_is_directly_in_the_cache() -> None:
    folder = engine_folder(replace(REQUEST, environment=('a/b c:d',)))
    assert folder == Path('cache') / 'mobilenet_v1_075-stride16-257x353-device1-a_b_c_d'


def test_tensorrt_keeps_engine_and_timings_in_that_folder() -> None:
    options = PROVIDERS['tensorrt'].options(REQUEST)
    assert options['trt_engine_cache_path'] == str(engine_folder(REQUEST))
    assert options['trt_timing_cache_path'] == str(engine_folder(REQUEST))


def test_an_engine_is_built_when_its_folder_holds_a_file(tmp_path: Path) -> None:
    request = replace(REQUEST, cache=tmp_path)
    assert not has_engine(request)
    engine_folder(request).mkdir()
    assert not has_engine(request)
    (engine_folder(request) / 'made.timing').touch()
    assert not has_engine(request)
    (engine_folder(request) / 'made.engine').touch()
    assert has_engine(request)
