from pathlib import Path

import pytest

from posenet_ros.errors import ModelLoadError, ModelNotFoundError, SettingError
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import MODELS

MODEL = MODELS['mobilenet_v1_075']


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    return tmp_path


def put_model(home: Path) -> Path:
    """Put a folder with all graphs of the model into the cache."""
    folder = home / 'new'
    folder.mkdir()
    store.models_folder().mkdir(exist_ok=True)
    for file in store.downloaded_files(MODEL):
        (folder / file).write_bytes(b'graph')
    store.write_record(folder, source='a test', verified=True)
    store.put(folder, MODEL)
    return store.models_folder() / MODEL.name


def test_posenet_home_comes_before_the_xdg_cache_and_that_before_the_home_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('HOME', '/somebody')
    monkeypatch.setenv('XDG_CACHE_HOME', '/xdg')
    assert store.models_folder() == home / 'models'
    monkeypatch.delenv('POSENET_HOME')
    assert store.models_folder() == Path('/xdg/posenet_ros/models')
    monkeypatch.delenv('XDG_CACHE_HOME')
    assert store.models_folder() == Path('/somebody/.cache/posenet_ros/models')


def test_a_model_that_is_not_there_names_the_command_that_fetches_it() -> None:
    with pytest.raises(ModelNotFoundError, match=f'posenet download {MODEL.name}'):
        store.find_graph(MODEL.name, 16)


def test_an_unknown_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(SettingError, match=r'mobilenet_v1_050, .*_075, .*_100'):
        store.find_graph('resnet', 16)


def test_an_output_stride_that_a_model_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(SettingError, match='32; it has 8, 16'):
        store.find_graph(MODEL.name, 32)


def test_a_model_that_was_put_is_found_with_its_record(home: Path) -> None:
    folder = put_model(home)
    assert store.find_graph(MODEL.name, 8) == folder / 'stride8.onnx'
    record = store.read_record(MODEL)
    assert record is not None
    assert (record.source, record.verified) == ('a test', True)


@pytest.mark.parametrize(
    ('precision', 'file'),
    [
        ('float32', 'stride8.onnx'),
        ('bfloat16', 'stride8.onnx'),
        ('float16', 'stride8-float16.onnx'),
    ],
)
def test_each_precision_has_its_graph_and_bfloat16_takes_that_of_float32(
    home: Path, precision: str, file: str
) -> None:
    folder = put_model(home)
    assert store.graph_file(8, precision) == file
    assert store.find_graph(MODEL.name, 8, precision) == folder / file


def test_a_model_of_another_release_is_refused_with_the_remedy(home: Path) -> None:
    record = put_model(home) / 'model.json'
    record.write_text(record.read_text().replace('"graph_format": 2', '"graph_format": 1'))
    with pytest.raises(ModelLoadError, match=r'another release; .* posenet download'):
        store.read_record(MODEL)


def test_a_model_that_is_not_there_has_no_record() -> None:
    assert store.read_record(MODEL) is None


def test_a_graph_that_was_changed_is_noticed(home: Path) -> None:
    (put_model(home) / 'stride8.onnx').write_bytes(b'grape')
    with pytest.raises(ModelLoadError, match=r'stride8\.onnx'):
        store.read_record(MODEL)


def test_a_graph_is_found_only_as_it_was_written_whatever_the_others_are(home: Path) -> None:
    folder = put_model(home)
    (folder / 'stride8.onnx').write_bytes(b'grape')
    assert store.find_graph(MODEL.name, 16) == folder / 'stride16.onnx'
    with pytest.raises(ModelLoadError, match=r'stride8\.onnx'):
        store.find_graph(MODEL.name, 8)


@pytest.mark.parametrize('file', ['stride16.onnx', 'stride16-float16.onnx', 'model.json'])
def test_a_file_that_is_missing_is_noticed(home: Path, file: str) -> None:
    (put_model(home) / file).unlink()
    with pytest.raises(ModelLoadError, match='not a whole model'):
        store.read_record(MODEL)


@pytest.mark.parametrize('text', ['', '[]', '{"source": 1}'])
def test_a_broken_record_is_noticed(home: Path, text: str) -> None:
    (put_model(home) / 'model.json').write_text(text)
    with pytest.raises(ModelLoadError, match='not a whole model'):
        store.read_record(MODEL)
