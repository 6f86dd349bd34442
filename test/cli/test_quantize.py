from pathlib import Path
import re
import shutil
import subprocess
import weakref

from command_line import file_checksums, MODEL, use_own_cache, write_picture
import numpy as np
import pytest

from posenet_ros.cli import quantize
from posenet_ros.cli.main import main
from posenet_ros.cli.quantize import PictureFiles
from posenet_ros.estimation.agreement import Agreement
from posenet_ros.image_files import write_png
from posenet_ros.posenet.weights.store import find_graph

Output = pytest.CaptureFixture[str]


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of models of a cache of the test's own, with the default model."""
    return use_own_cache(tmp_path / 'home', monkeypatch)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return the file of a picture of one person."""
    return write_picture(tmp_path)


def test_a_graph_for_each_output_stride_is_built_and_its_agreement_is_printed(
    own_cache: Path, capsys: Output
) -> None:
    assert main(['quantize']) == 0
    lines = capsys.readouterr().out.splitlines()
    for line, output_stride in zip(lines, (8, 16), strict=True):
        assert f'output stride {output_stride}, int8: ready' in line
        assert 'pixels of float32' in line
        assert find_graph(MODEL, output_stride, 'int8').is_file()


def test_only_the_requested_output_strides_are_built(own_cache: Path) -> None:
    assert main(['quantize', '--output-stride', '16']) == 0
    names = {path.name for path in own_cache.rglob('*-int8.onnx')}
    assert names == {'stride16-int8.onnx'}


def test_pictures_to_calibrate_on_may_be_files_or_folders(own_cache: Path, picture: Path) -> None:
    assert main(['quantize', '--output-stride', '16', '--images', str(picture)]) == 0
    by_file = file_checksums(own_cache)
    folder = picture.parent / 'pictures'
    folder.mkdir()
    shutil.copy(picture, folder)
    assert main(['quantize', '--output-stride', '16', '--images', str(folder)]) == 0
    assert file_checksums(own_cache) == by_file


def test_only_one_picture_is_in_memory_at_a_time(picture: Path) -> None:
    pictures = iter(PictureFiles([picture] * 10_000))
    first = next(pictures)
    latest = weakref.ref(first)
    del first
    next(pictures)
    assert latest() is None


def test_a_picture_that_cannot_be_read_changes_nothing(
    own_cache: Path, picture: Path, capsys: Output
) -> None:
    before = file_checksums(own_cache)
    assert main(['quantize', '--images', str(picture), 'nowhere.png']) == 1
    assert 'nowhere.png' in capsys.readouterr().err
    assert file_checksums(own_cache) == before


def test_a_disk_that_fills_up_changes_nothing(own_cache: Path) -> None:
    before = file_checksums(own_cache)
    # The int8 graph has over 1 MB.
    done = subprocess.run(
        ['bash', '-c', 'ulimit -f 500; exec posenet quantize --output-stride 16'],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert re.fullmatch(
        r'posenet: cannot write the int8 graphs to .*File too large; make space and allow .*\n',
        done.stderr,
    )
    assert file_checksums(own_cache) == before
    assert [path.name for path in own_cache.iterdir()] == [MODEL]


def test_pictures_without_people_give_a_warning(
    own_cache: Path, tmp_path: Path, capsys: Output
) -> None:
    write_png(tmp_path / 'grey.png', np.full((64, 64, 3), 128, np.uint8))
    assert main(['quantize', '--output-stride', '16', '--images', str(tmp_path / 'grey.png')]) == 0
    assert 'there is nobody in the pictures' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('distances', 'warns'),
    [
        ([0.5] * 50, False),
        ([0.5] * 45 + [9.0] * 5, False),
        ([0.5] * 44 + [9.0] * 6, True),
        ([1.6] * 50, True),
        ([9.0] * 49, False),  # too few to judge
    ],
)
def test_a_warning_needs_a_poor_agreement_of_enough_keypoints(
    distances: list[float],
    warns: bool,
    own_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    monkeypatch.setattr(quantize, 'install_int8_graphs', lambda *_: None)
    monkeypatch.setattr(
        quantize, '_compare_with_float32', lambda *_: Agreement(np.array(distances))
    )
    assert main(['quantize', '--output-stride', '16']) == 0
    assert ('less than expected' in capsys.readouterr().err) == warns


@pytest.mark.parametrize('name', ['nowhere.png', 'text.png', 'empty'])
def test_a_picture_that_cannot_be_read_is_named_and_the_cache_stays_unchanged(
    own_cache: Path, picture: Path, capsys: Output, name: str
) -> None:
    (picture.parent / 'text.png').write_text('text')
    (picture.parent / 'empty').mkdir()
    before = file_checksums(own_cache)
    assert main(['quantize', '--images', str(picture), str(picture.parent / name)]) == 1
    err = capsys.readouterr().err
    assert name in err
    assert len(err.splitlines()) == 1
    assert file_checksums(own_cache) == before


def test_a_model_that_was_not_downloaded_is_not_quantized(own_cache: Path, capsys: Output) -> None:
    assert main(['quantize', 'mobilenet_v1_050']) == 1
    assert 'posenet download mobilenet_v1_050' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [(['resnet'], "'resnet'"), (['--output-stride', '32'], 'it has 8, 16')],
)
def test_an_impossible_graph_is_wrong_usage(
    own_cache: Path, capsys: Output, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['quantize', *arguments])
    assert message in capsys.readouterr().err
