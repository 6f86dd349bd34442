"""The choice of the execution provider, on the simulated machines in machines.py."""

import gc
from pathlib import Path
from typing import Any
import weakref

from machines import (
    Machine,
    NO_RECORDING,
    NO_TENSORRT,
    OUT_OF_MEMORY,
    Start,
)
import numpy as np
from numpy.typing import NDArray
import onnx
from published import small_weights
import pytest

from posenet_ros.errors import ModelLoadError, ProviderError
from posenet_ros.framing.whole_image import stretched
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights.mobilenet_layers import sort_into_layers
from posenet_ros.posenet.weights.onnx_graph import build_graph

Images = list[NDArray[np.uint8]]


@pytest.mark.parametrize(
    ('settings', 'name'),
    [
        ({}, 'CUDAExecutionProvider'),
        ({'execution_provider': 'tensorrt'}, 'TensorrtExecutionProvider'),
        ({'execution_provider': 'cuda'}, 'CUDAExecutionProvider'),
        ({'execution_provider': 'openvino'}, 'OpenVINOExecutionProvider'),
        ({'execution_provider': 'cpu'}, 'CPUExecutionProvider'),
        ({'precision': 'int8'}, 'CPUExecutionProvider'),
    ],
)
def test_the_chosen_provider_runs_the_network_if_it_works(
    start: Start, settings: dict[str, Any], name: str
) -> None:
    network, _ = start(**settings)
    assert network.execution_provider == name
    assert network.notices == ()


def test_a_network_that_is_no_longer_used_frees_its_session_at_once(start: Start) -> None:
    network, _ = start(execution_provider='cpu')
    runtime = weakref.ref(network._runtime)
    gc.disable()
    try:
        del network
        assert runtime() is None
    finally:
        gc.enable()


def test_bound_buffers_give_the_same_heads_as_arrays(start: Start, images: Images) -> None:
    bound, _ = start(execution_provider='cuda')
    plain, _ = start(execution_provider='cpu')
    for _ in range(2):
        for size in ((33, 49), (65, 33)):
            framings = [stretched((40, 60), size)] * 2
            pairs = zip(bound.infer(images, framings), plain.infer(images, framings), strict=True)
            for one, other in pairs:
                np.testing.assert_array_equal(one.heatmap_scores, other.heatmap_scores)
                np.testing.assert_array_equal(one.displacements_bwd, other.displacements_bwd)


def test_a_session_that_fails_its_first_run_is_not_used(start: Start, machine: Machine) -> None:
    machine.runs['cuda'] = [OUT_OF_MEMORY, OUT_OF_MEMORY]
    network, (line,) = start()
    assert network.execution_provider == 'CPUExecutionProvider'
    assert 'out of memory' in line


def test_a_graph_that_cannot_be_recorded_runs_on_the_gpu_without_recording(
    start: Start, machine: Machine
) -> None:
    machine.starts['cuda'] = [NO_RECORDING]
    network, _ = start()
    assert network.execution_provider == 'CUDAExecutionProvider'
    recorded = [options.get('enable_cuda_graph') for ((_, options), *_) in machine.requested]
    assert recorded == ['1', None]


@pytest.fixture
def built(start: Start, machine: Machine) -> Path:
    """Return the folder of a TensorRT engine that was built before."""
    start(execution_provider='tensorrt')
    options = dict(machine.requested.pop())['TensorrtExecutionProvider']
    folder = Path(options['trt_engine_cache_path'])
    folder.mkdir(parents=True)
    (folder / 'made.engine').touch()
    return folder


def test_auto_runs_on_tensorrt_if_its_engine_was_built_before(start: Start, built: Path) -> None:
    network, reported = start()
    assert network.execution_provider == 'TensorrtExecutionProvider'
    assert reported == []
    assert list(built.iterdir()) == [built / 'made.engine']


def test_auto_never_builds_an_engine(start: Start, machine: Machine, tmp_path: Path) -> None:
    start()
    assert machine.started == ['cuda']
    assert not (tmp_path / 'engines').exists()


def test_auto_ignores_an_engine_of_another_precision(
    start: Start, machine: Machine, built: Path
) -> None:
    empty = built.with_name(built.name.replace('stride16', 'stride16-float16'))
    built.rename(empty)
    start()
    assert machine.started == ['cuda']


def test_auto_ignores_an_empty_engine_folder(start: Start, machine: Machine, built: Path) -> None:
    (built / 'made.engine').unlink()
    start()
    assert machine.started == ['cuda']


def test_auto_continues_with_cuda_when_tensorrt_fails_despite_its_engine(
    start: Start, machine: Machine, built: Path
) -> None:
    machine.starts['tensorrt'] = [NO_TENSORRT]
    network, (line,) = start()
    assert network.execution_provider == 'CUDAExecutionProvider'
    assert 'set execution_provider to cuda' in line


def test_a_broken_graph_is_not_blamed_on_the_provider(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / 'mobilenet_v1_075' / 'stride16.onnx'
    path.parent.mkdir()
    path.write_bytes(b'not a graph')
    with pytest.raises(ModelLoadError, match='posenet download mobilenet_v1_075'):
        PoseNet(path, RuntimeSettings(execution_provider='cuda'), factory=machine.make)


def test_a_gpu_that_does_not_exist_is_refused_with_a_list_of_the_existing_ones(
    start: Start,
) -> None:
    with pytest.raises(ProviderError, match=r'device_id is 1, .* 0: Test GPU'):
        start(execution_provider='cuda', device_id=1)


def test_bfloat16_is_refused_if_openvino_is_not_installed(graph_file: Path) -> None:
    with pytest.raises(ProviderError, match=r'built without it; .*pip install onnxruntime-openv'):
        PoseNet(graph_file, RuntimeSettings(precision='bfloat16'))


def test_bfloat16_is_refused_on_a_cpu_that_does_not_support_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('posenet_ros.inference.sessions.cpu_flags', lambda: {'avx2'})
    with pytest.raises(ProviderError, match=r'none of avx512_bf16, amx_bf16.*float32'):
        start(precision='bfloat16')


def test_a_graph_with_changed_bytes_loads_or_is_reported_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / 'mobilenet_v1_075' / 'stride16.onnx'
    path.parent.mkdir()
    layers = sort_into_layers(small_weights(), 75)
    onnx.save(build_graph(layers, model='mobilenet_v1_075', multiplier=75, output_stride=16), path)
    content = path.read_bytes()
    random = np.random.default_rng(0)
    refusals = []
    for _ in range(100):
        changed = bytearray(content)
        for place in random.integers(0, len(changed), 20):
            changed[place] ^= 1 << int(random.integers(8))
        path.write_bytes(changed)
        try:
            PoseNet(path, RuntimeSettings(execution_provider='cpu'))
        except ModelLoadError as error:
            refusals.append(str(error))
    assert len(refusals) > 50
    assert all('posenet download mobilenet_v1_075' in refusal for refusal in refusals)
