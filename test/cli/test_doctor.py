from pathlib import Path
import re

from networks import load
import pytest

from posenet_ros.cli import doctor
from posenet_ros.cli.doctor import examine
from posenet_ros.cli.main import main
from posenet_ros.inference.nvidia import Driver
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings


def told(*, execution_provider: str = 'auto') -> str:
    runtime = RuntimeSettings(execution_provider=execution_provider)
    return '\n'.join(examine(ModelSettings(), runtime))


def test_it_tells_versions_providers_and_cpu() -> None:
    text = told()
    for pattern in (
        r'^posenet_ros: \d+\.\d+\.\d+$',
        r'^python: 3\.\d+',
        r'^onnxruntime: \S+, from onnxruntime\S* \d',
        r'^execution providers built in: .*cpu',
        r'^NVIDIA driver: ',
        r'^CPU: .+, \d+ cores$',
        r'^CPU bfloat16: ',
    ):
        assert re.search(pattern, text, re.MULTILINE), f'{pattern} is not in\n{text}'


def test_it_tells_what_the_node_would_use() -> None:
    load('mobilenet_v1_075', 16)
    assert 'the node would use: CPUExecutionProvider' in told(execution_provider='cpu')


def test_it_tells_why_the_node_would_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    load('mobilenet_v1_075', 16)
    monkeypatch.setattr('posenet_ros.inference.runtime.find_driver', lambda: None)
    text = told(execution_provider='cuda')
    assert 'the node would not start: cuda cannot be used: no NVIDIA driver is installed' in text


def test_it_tells_of_models_that_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    assert 'model mobilenet_v1_075: not downloaded' in told()
    assert 'the node would not start: model mobilenet_v1_075 is not in' in told()


def test_it_tells_the_gpus_by_their_device_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, 'find_driver', lambda: Driver((12, 8), ['First', 'Second']))
    assert 'NVIDIA driver: for CUDA up to 12.8\nGPU 0: First\nGPU 1: Second' in told()


def test_two_packages_at_once_are_a_problem_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages = ['onnxruntime 1.32.0', 'onnxruntime-gpu 1.31.1']
    monkeypatch.setattr(doctor, 'installed_packages', lambda: packages)
    assert 'pip uninstall -y onnxruntime onnxruntime-gpu, then install one' in told()


def test_the_command_takes_the_nodes_settings_and_ends_with_zero(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(['doctor', '--execution-provider', 'cpu', '--output-stride', '8']) == 0
    assert 'output_stride: 8, execution_provider: cpu' in capsys.readouterr().out
