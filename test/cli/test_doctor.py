from pathlib import Path
import re

from networks import load
import pytest

from posenet_ros.cli import doctor
from posenet_ros.cli.doctor import examine
from posenet_ros.cli.main import main
from posenet_ros.inference.machine.nvidia import Driver
from posenet_ros.inference.runtime_settings import RuntimeSettings
from posenet_ros.posenet.model_settings import ModelSettings


def report(*, execution_provider: str = 'auto') -> str:
    """Return the report for an execution provider."""
    runtime = RuntimeSettings(execution_provider=execution_provider)
    return '\n'.join(examine(ModelSettings(), runtime))


def test_the_report_has_versions_providers_and_the_cpu() -> None:
    text = report()
    for pattern in (
        r'^posenet_ros: \d+\.\d+\.\d+$',
        r'^python: 3\.\d+',
        r'^onnxruntime: \S+, from onnxruntime\S* \d',
        r'^execution providers in this onnxruntime: .*cpu',
        r'^NVIDIA driver: ',
        r'^CPU: .+, \d+ cores$',
        r'^CPU instructions for bfloat16: ',
    ):
        assert re.search(pattern, text, re.MULTILINE), f'{pattern} is not in\n{text}'


def test_the_report_says_what_the_node_would_use() -> None:
    load('mobilenet_v1_075', 16)
    assert 'the node would use: CPUExecutionProvider' in report(execution_provider='cpu')


def test_the_report_says_why_the_node_would_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    load('mobilenet_v1_075', 16)
    monkeypatch.setattr('posenet_ros.inference.runtime.find_driver', lambda: None)
    text = report(execution_provider='cuda')
    assert 'the node would not start: cuda cannot be used: ' in text
    assert 'NVIDIA driver' in text.rpartition('would not start')[2]


def test_the_report_names_models_that_are_not_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    assert 'model mobilenet_v1_075: not downloaded' in report()
    assert 'the node would not start: model mobilenet_v1_075 is not in' in report()


def test_the_report_lists_the_gpus_by_device_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, 'find_driver', lambda: Driver((12, 8), ['First', 'Second']))
    assert 'NVIDIA driver: supports CUDA up to 12.8\nGPU 0: First\nGPU 1: Second' in report()


def test_two_onnxruntime_packages_are_a_problem_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages = ['onnxruntime 1.32.0', 'onnxruntime-gpu 1.31.1']
    monkeypatch.setattr(doctor, 'installed_packages', lambda: packages)
    assert 'pip uninstall -y onnxruntime onnxruntime-gpu, then install one' in report()


def test_the_command_accepts_the_settings_of_the_node_and_exits_with_0(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(['doctor', '--execution-provider', 'cpu', '--output-stride', '8']) == 0
    assert 'output_stride: 8, execution_provider: cpu' in capsys.readouterr().out


def test_an_error_of_the_driver_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver((12, 8), error='CUDA error 100: no device')
    monkeypatch.setattr(doctor, 'find_driver', lambda: driver)
    assert 'PROBLEM: the driver reports CUDA error 100: no device' in report()


def test_the_report_has_what_the_node_would_log() -> None:
    load('mobilenet_v1_075', 16)
    text = '\n'.join(examine(ModelSettings(), RuntimeSettings(precision='float16')))
    assert 'the node would log: precision float16 is slower' in text


def test_the_exit_code_is_1_if_the_node_would_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    assert main(['doctor']) == 1
    assert 'the node would not start' in capsys.readouterr().out


def test_a_cache_that_cannot_be_used_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('POSENET_HOME', '~nobody_of_this_name/cache')
    assert main(['doctor']) == 1
    assert "the node would not start: '~nobody_of_this_name/cache'" in capsys.readouterr().out


def test_the_report_is_about_the_model_of_the_quality_unless_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    for options, model in (([], '100'), (['--model', 'mobilenet_v1_050'], '050')):
        assert main(['doctor', '--quality', 'accurate', *options]) == 1
        assert (
            f'settings: quality: accurate, model: mobilenet_v1_{model},' in capsys.readouterr().out
        )
