import os
from pathlib import Path

import pytest

from posenet_ros.errors import ModelLoadError, ModelNotFoundError, SettingError
from posenet_ros.posenet.weights import store
from posenet_ros.posenet.weights.catalogue import MODELS
from posenet_ros.posenet.weights.checksums import sha256
from posenet_ros.posenet.weights.graph_files import downloaded_graph_files, GRAPH_FORMAT
from posenet_ros.posenet.weights.model_record import (
    describe_graphs,
    ModelRecord,
    write_record,
)

MODEL = MODELS['mobilenet_v1_075']


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    return tmp_path


def add_model(content: bytes = b'graph') -> Path:
    """Move a model whose graphs all have the same content into the cache; return its folder."""
    with store.temporary_folder() as temporary:
        folder = temporary / 'graphs'
        folder.mkdir()
        for file in downloaded_graph_files(MODEL):
            (folder / file).write_bytes(content)
        write_record(folder, describe_graphs(folder, source='a test', verified=True))
        store.move_model_into_cache(folder, MODEL)
    return store.models_folder() / MODEL.name


def the_record() -> ModelRecord:
    record = store.find_record(MODEL)
    assert record is not None
    return record


def move_int8_graphs(content: bytes, *files: str) -> ModelRecord:
    """Move graphs with some content into the model in the cache; return its new record."""
    with store.temporary_folder() as temporary:
        for file in files:
            (temporary / file).write_bytes(content)
        return store.move_graphs_into_model(temporary, MODEL, the_record())


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


def test_a_missing_model_names_the_command_that_downloads_it() -> None:
    with pytest.raises(ModelNotFoundError, match=f'posenet download {MODEL.name}'):
        store.find_graph(MODEL.name, 16)


def test_a_missing_int8_graph_names_the_command_that_builds_it() -> None:
    add_model()
    with pytest.raises(ModelNotFoundError, match=f'posenet quantize {MODEL.name}'):
        store.find_graph(MODEL.name, 16, 'int8')


@pytest.mark.parametrize(('name', 'output_stride'), [('resnet', 16), (MODEL.name, 32)])
def test_an_impossible_graph_is_a_wrong_setting(name: str, output_stride: int) -> None:
    with pytest.raises(SettingError):
        store.find_graph(name, output_stride)


@pytest.mark.parametrize(
    ('precision', 'file'), [('float32', 'stride8.onnx'), ('float16', 'stride8-float16.onnx')]
)
def test_a_model_in_the_cache_is_found_with_its_graphs_and_its_record(
    precision: str, file: str
) -> None:
    folder = add_model()
    assert store.find_graph(MODEL.name, 8, precision) == folder / file
    assert (the_record().source, the_record().verified) == ('a test', True)


def test_a_model_replaces_an_older_one_and_nothing_else_is_left(home: Path) -> None:
    add_model(b'old')
    add_model(b'new')
    assert store.find_graph(MODEL.name, 8).read_bytes() == b'new'
    assert [path.name for path in store.models_folder().iterdir()] == [MODEL.name]


def test_a_temporary_folder_is_removed_after_an_error() -> None:
    with pytest.raises(FileNotFoundError), store.temporary_folder() as temporary:
        (temporary / 'nowhere' / 'file').write_text('')
    assert list(store.models_folder().iterdir()) == []


def test_graphs_that_are_moved_into_a_model_are_in_its_record_and_the_others_stay() -> None:
    folder = add_model()
    before = the_record()
    record = move_int8_graphs(b'small', 'stride8-int8.onnx')
    assert record == the_record()
    assert record.graphs == {
        **before.graphs,
        'stride8-int8.onnx': sha256(folder / 'stride8-int8.onnx'),
    }
    assert store.find_graph(MODEL.name, 8, 'int8').read_bytes() == b'small'


def test_a_model_stays_complete_if_moving_graphs_into_it_is_interrupted() -> None:
    folder = add_model()
    move_int8_graphs(b'old', 'stride16-int8.onnx')
    (folder / 'stride8-int8.onnx').mkdir()  # a file cannot replace a folder
    with pytest.raises(OSError, match='stride8-int8'):
        move_int8_graphs(b'new', 'stride16-int8.onnx', 'stride8-int8.onnx')
    assert (folder / 'stride16-int8.onnx').read_bytes() == b'new'
    assert set(the_record().graphs) == set(downloaded_graph_files(MODEL))


def test_a_model_of_another_release_is_rejected_with_the_remedy() -> None:
    record = add_model() / 'model.json'
    record.write_text(
        record.read_text().replace(f'"graph_format": {GRAPH_FORMAT}', '"graph_format": 1')
    )
    with pytest.raises(ModelLoadError, match=r'another release; .* posenet download'):
        store.find_record(MODEL)


def test_a_missing_model_has_no_record() -> None:
    assert store.find_record(MODEL) is None


def test_a_changed_graph_is_detected_and_named() -> None:
    (add_model() / 'stride8.onnx').write_bytes(b'grape')
    with pytest.raises(ModelLoadError, match=r'broken file, stride8\.onnx; .* posenet download'):
        store.find_record(MODEL)


def test_finding_a_graph_checks_only_that_graph() -> None:
    folder = add_model()
    (folder / 'stride8.onnx').write_bytes(b'grape')
    assert store.find_graph(MODEL.name, 16) == folder / 'stride16.onnx'
    with pytest.raises(ModelLoadError, match=r'stride8\.onnx'):
        store.find_graph(MODEL.name, 8)


@pytest.mark.parametrize('file', ['stride16.onnx', 'stride16-float16.onnx', 'model.json'])
def test_a_missing_file_is_detected(file: str) -> None:
    (add_model() / file).unlink()
    with pytest.raises(ModelLoadError, match='not a complete model'):
        store.find_record(MODEL)


@pytest.mark.parametrize(
    'text',
    [
        '',
        '[]',
        '{"source": 1}',
        '[' * 100_000,
        '{"graphs": ' * 100_000,
        '{"source": "a", "verified": true, "graph_format": 2, "graphs": []}',
        '{"source": "a", "verified": 5, "graph_format": 2, "graphs": {}}',
        '{"source": ["a"], "verified": true, "graph_format": 2, "graphs": {}}',
        '{"source": "a", "verified": true, "graph_format": 2, "graphs": {"../a.onnx": "0"}}',
        '{"source": "a", "verified": true, "graph_format": 2, "graphs": {"stride16.onnx": 5}}',
        '\udcff',
    ],
)
def test_a_broken_record_is_detected(text: str) -> None:
    (add_model() / 'model.json').write_text(text, errors='surrogateescape')
    with pytest.raises(ModelLoadError, match=f'to build it again, run: .*{MODEL.name}'):
        store.find_record(MODEL)


def test_a_graph_that_is_not_a_regular_file_is_detected_without_reading_it() -> None:
    folder = add_model()
    (folder / 'stride16.onnx').unlink()
    os.mkfifo(folder / 'stride16.onnx')
    with pytest.raises(ModelLoadError, match=r'not a regular file: .*stride16\.onnx'):
        store.find_record(MODEL)


def test_a_huge_record_is_detected_without_reading_it() -> None:
    with (add_model() / 'model.json').open('r+b') as file:
        file.truncate(2**40)
    with pytest.raises(ModelLoadError, match=r'it has more than 1 MB.*model\.json'):
        store.find_record(MODEL)


def test_the_cache_is_absolute_so_that_other_programs_can_write_to_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('POSENET_HOME', 'cache')
    assert store.cache_folder() == tmp_path / 'cache'


@pytest.mark.parametrize(
    ('home', 'remedy'),
    [
        ('~nobody_of_this_name/cache', 'write the whole path'),
        ('/tmp/\udcff', 'set POSENET_HOME to another folder'),
    ],
)
def test_a_cache_that_cannot_be_used_is_a_wrong_setting(
    monkeypatch: pytest.MonkeyPatch, home: str, remedy: str
) -> None:
    monkeypatch.setenv('POSENET_HOME', home)
    with pytest.raises(SettingError, match=remedy):
        store.find_record(MODEL)


def test_a_path_of_the_cache_that_the_system_refuses_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv('POSENET_HOME', '/tmp/' + 'a' * 300)
    with pytest.raises(ModelLoadError, match='File name too long'):
        store.find_record(MODEL)


def test_a_cache_in_an_unknown_home_folder_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('POSENET_HOME', '~no-such-user/cache')
    with pytest.raises(SettingError, match=r"'~no-such-user/cache' starts with ~"):
        store.models_folder()
