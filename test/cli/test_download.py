from pathlib import Path

from command_line import use_own_cache
from published import publish, small_weights
import pytest

from posenet_ros.cli.main import main
from posenet_ros.posenet.weights.store import find_graph, models_folder

Output = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache that is in use."""
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'home'))
    return tmp_path / 'home'


def test_a_model_from_a_folder_is_installed_and_its_location_is_printed(
    home: Path, tmp_path: Path, capsys: Output
) -> None:
    publish(small_weights(50), tmp_path / 'published')
    assert main(['download', 'mobilenet_v1_050', '--from', str(tmp_path / 'published')]) == 0
    assert find_graph('mobilenet_v1_050', 16).is_file()
    printed = capsys.readouterr().out
    assert printed == f'mobilenet_v1_050: ready in {home}/models/mobilenet_v1_050\n'


def test_weights_that_could_not_be_verified_give_a_warning(
    home: Path, tmp_path: Path, capsys: Output
) -> None:
    publish(small_weights(50), tmp_path / 'published')
    main(['download', 'mobilenet_v1_050', '--from', str(tmp_path / 'published')])
    assert 'could not be verified' in capsys.readouterr().err
    main(['models'])
    assert 'downloaded, not verified' in capsys.readouterr().out


def test_a_folder_is_not_used_for_a_downloaded_model_and_a_warning_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    use_own_cache(tmp_path / 'home', monkeypatch)
    assert main(['download', '--from', str(tmp_path)]) == 0
    assert '--from was not used' in capsys.readouterr().err


def test_a_downloaded_model_gives_no_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    use_own_cache(tmp_path, monkeypatch)
    assert main(['download']) == 0
    assert capsys.readouterr().err == ''


@pytest.mark.parametrize(
    ('quality', 'model'), [('fast', 'mobilenet_v1_075'), ('accurate', 'mobilenet_v1_100')]
)
def test_a_quality_stands_for_its_model(
    quality: str, model: str, home: Path, tmp_path: Path, capsys: Output
) -> None:
    empty = tmp_path / 'empty'
    empty.mkdir()
    assert main(['download', '--quality', quality, '--from', str(empty)]) == 1
    assert model in capsys.readouterr().err


@pytest.mark.parametrize(
    ('arguments', 'reason'),
    [
        (['--quality', 'best'], "quality is 'best'; choose one of fast, balanced, accurate"),
        (['mobilenet_v1_075', '--quality', 'fast'], 'leave one of them out'),
    ],
)
def test_an_unknown_quality_or_one_beside_a_model_is_wrong_usage(
    arguments: list[str], reason: str, home: Path, capsys: Output
) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['download', *arguments])
    assert reason in capsys.readouterr().err


def test_the_command_exits_with_1_and_names_a_tampered_file(
    home: Path, tmp_path: Path, capsys: Output
) -> None:
    publish(small_weights(75), tmp_path, shards=2)
    assert main(['download', '--from', str(tmp_path)]) == 1
    assert 'group1-shard1of2.bin' in capsys.readouterr().err


def test_an_unknown_model_stops_the_command_before_it_installs_another(
    home: Path, tmp_path: Path, capsys: Output
) -> None:
    publish(small_weights(50), tmp_path / 'published')
    with pytest.raises(SystemExit, match='2'):
        main(['download', 'mobilenet_v1_050', 'resnet', '--from', str(tmp_path / 'published')])
    assert "unknown model 'resnet'" in capsys.readouterr().err
    assert not models_folder().exists()
