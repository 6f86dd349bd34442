from pathlib import Path

from command_line import MODEL, use_own_cache
import pytest

from posenet_ros.cli.main import main

Output = pytest.CaptureFixture[str]


def listed(capsys: Output) -> list[str]:
    """Run `posenet models` and return its lines."""
    assert main(['models']) == 0
    return capsys.readouterr().out.splitlines()


def test_every_model_has_a_line_which_names_the_download_command_if_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    lines = listed(capsys)
    names = ['mobilenet_v1_050', 'mobilenet_v1_075', 'mobilenet_v1_100']
    assert [line.split()[0] for line in lines] == names
    for line, name in zip(lines, names, strict=True):
        assert f'not downloaded; to download it, run: posenet download {name}' in line
    assert 'sha256 not known' in lines[0]


def test_a_downloaded_model_has_its_source_and_its_precisions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    use_own_cache(tmp_path, monkeypatch)
    line = listed(capsys)[1]
    assert 'downloaded, verified, from ' in line
    assert line.endswith('; float32, float16')


def test_int8_graphs_are_listed_with_their_output_strides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    use_own_cache(tmp_path, monkeypatch)
    main(['quantize', '--output-stride', '16'])
    capsys.readouterr()
    assert 'float32, float16, int8 (output strides 16)' in listed(capsys)[1]


def test_a_broken_model_is_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    models = use_own_cache(tmp_path, monkeypatch)
    (models / MODEL / 'stride16.onnx').write_bytes(b'')
    assert 'broken: ' in listed(capsys)[1]
    assert 'stride16.onnx' in listed(capsys)[1]
