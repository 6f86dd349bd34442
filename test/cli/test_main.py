import json
from pathlib import Path
import shutil
import subprocess

import numpy as np
from numpy.typing import NDArray
from published import publish, small_weights
import pytest

from posenet_ros.cli.main import main
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.image_files import read_image, write_png
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.posenet.network import PoseNet
from posenet_ros.posenet.weights import store
from posenet_ros.settings import PoseSettings

Output = pytest.CaptureFixture[str]


@pytest.fixture
def picture(astronaut: NDArray[np.uint8], tmp_path: Path, network_075: PoseNet) -> Path:
    """Return a file with one person in it, on a machine that has the default network."""
    path = tmp_path / 'astronaut.png'
    write_png(path, astronaut)
    return path


def test_json_is_a_line_for_each_image_with_all_there_is_to_know(
    picture: Path, capsys: Output
) -> None:
    assert main(['estimate', str(picture), str(picture), '--json']) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == second
    assert list(first) == [
        'image', 'width', 'height', 'model', 'output_stride', 'input_size', 'poses'
    ]  # fmt: skip
    assert first['image'] == str(picture)
    assert (first['width'], first['height']) == (512, 512)
    assert (first['model'], first['output_stride']) == ('mobilenet_v1_075', 16)
    assert first['input_size'] == [241, 241]
    (pose,) = first['poses']
    assert [keypoint['part'] for keypoint in pose['keypoints']] == list(PART_NAMES)


def test_json_has_the_full_precision_of_the_library(
    picture: Path, capsys: Output, network_075: PoseNet
) -> None:
    main(['estimate', str(picture), '--json'])
    (shown,) = json.loads(capsys.readouterr().out)['poses']
    (pose,) = PoseEstimator(network_075).estimate(read_image(picture))
    assert shown['score'] == pose.score
    for keypoint, (x, y), score in zip(
        shown['keypoints'], pose.keypoints, pose.keypoint_scores, strict=True
    ):
        assert (keypoint['x'], keypoint['y'], keypoint['score']) == (x, y, score)


def test_options_reach_the_estimator(picture: Path, capsys: Output, network_075: PoseNet) -> None:
    options = '--input-size 257x193 --flip-horizontal --score-threshold 0.3 --nms-radius 30'
    main(['estimate', str(picture), '--json', *options.split(), '--max-pose-detections', '2'])
    shown = json.loads(capsys.readouterr().out)
    settings = PoseSettings(
        input_size='257x193',
        flip_horizontal=True,
        score_threshold=0.3,
        nms_radius=30.0,
        max_pose_detections=2,
    )
    poses = PoseEstimator(network_075, settings).estimate(read_image(picture))
    assert shown['input_size'] == [257, 193]
    assert [pose['score'] for pose in shown['poses']] == [pose.score for pose in poses]


def test_single_gives_exactly_one_pose(picture: Path, capsys: Output) -> None:
    main(['estimate', str(picture), '--json', '--single', '--score-threshold', '1.0'])
    assert len(json.loads(capsys.readouterr().out)['poses']) == 1


def test_the_table_names_every_part(picture: Path, capsys: Output) -> None:
    assert main(['estimate', str(picture)]) == 0
    out = capsys.readouterr().out
    assert '1 person' in out
    assert all(part in out for part in PART_NAMES)


def test_an_unreadable_image_is_named_and_the_others_are_done(
    picture: Path, capsys: Output
) -> None:
    assert main(['estimate', 'nowhere.png', str(picture), '--json']) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)['image'] == str(picture)
    assert 'nowhere.png' in err


def test_an_annotated_image_that_cannot_be_written_is_named(
    picture: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / 'file').write_text('')
    assert main(['estimate', str(picture), '--annotate', str(tmp_path / 'file')]) == 1
    assert 'cannot write' in capsys.readouterr().err


def test_annotated_images_of_one_name_are_all_kept(picture: Path, tmp_path: Path) -> None:
    other = tmp_path / 'other' / 'astronaut.png'
    write_png(other, read_image(picture)[:, ::-1])
    target = tmp_path / 'annotated'
    main(['estimate', str(picture), str(other), '--annotate', str(target)])
    names = sorted(path.name for path in target.iterdir())
    assert names == ['astronaut_poses.png', 'astronaut_poses_2.png']
    assert (read_image(target / names[0]) != read_image(picture)).any()


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['estimate', 'a.png', '--score-threshold', '2'], 'score_threshold is 2.0'),
        (['estimate', 'a.png', '--nms-radius', 'wide'], '--nms-radius'),
        (['estimate', 'a.png', '--output-stride', '32'], 'it has 8, 16'),
        (['estimate', 'a.png', '--model', 'resnet'], "'resnet'"),
        (['estimate', 'a.png', '--input-size', '257'], "'257'"),
        (
            ['estimate', '--input-size', '9x9', '--image-scale-factor', '1', 'a'],
            'not allowed with',
        ),
        (['estimate'], 'IMAGE'),
        (['download', 'resnet'], "'resnet'"),
        ([], 'COMMAND'),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what(
    arguments: list[str], message: str, capsys: Output
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_missing_model_ends_with_one_and_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    assert main(['estimate', 'a.png']) == 1
    assert 'posenet download mobilenet_v1_075' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('command', 'complaint'),
    [
        ('posenet models > /dev/full', 'posenet: [Errno 28] No space left on device\n'),
        ('posenet models | true', ''),
    ],
)
def test_output_that_nobody_takes_ends_with_one_message_or_none(
    command: str, complaint: str
) -> None:
    done = subprocess.run(['bash', '-c', command], stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.stderr == complaint


def test_models_tells_of_each_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    assert main(['models']) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0][-3:] for line in lines] == ['050', '075', '100']
    assert all('not here' in line for line in lines)
    assert 'sha256 not known' in lines[0]


def test_download_warns_of_weights_that_could_not_be_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'home'))
    folder = tmp_path / 'published'
    publish(small_weights(50), folder)
    assert main(['download', 'mobilenet_v1_050', '--from', str(folder)]) == 0
    out, err = capsys.readouterr()
    assert 'ready' in out
    assert 'could not be verified' in err
    main(['models'])
    assert 'here, not verified' in capsys.readouterr().out


def test_download_of_a_model_that_is_there_says_that_its_other_source_was_not_used(
    tmp_path: Path, capsys: Output, network_075: PoseNet
) -> None:
    assert main(['download', 'mobilenet_v1_075', '--from', str(tmp_path)]) == 0
    assert '--from was not used' in capsys.readouterr().err


def test_download_of_tampered_files_ends_with_one_and_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'home'))
    publish(small_weights(75), tmp_path, shards=2)
    assert main(['download', '--from', str(tmp_path)]) == 1
    assert 'group1-shard1of2.bin' in capsys.readouterr().err


@pytest.fixture
def own_cache(network_075: PoseNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of models of a cache of the test's own, with the default model."""
    source = store.models_folder() / network_075.model
    monkeypatch.setenv('POSENET_HOME', str(tmp_path / 'home'))
    shutil.copytree(source, tmp_path / 'home' / 'models' / network_075.model)
    return tmp_path / 'home' / 'models'


def contents(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): store.sha256(p) for p in folder.rglob('*') if p.is_file()}


def test_quantize_makes_a_graph_for_each_output_stride_and_tells_its_agreement(
    own_cache: Path, capsys: Output
) -> None:
    assert main(['quantize']) == 0
    lines = capsys.readouterr().out.splitlines()
    for line, output_stride in zip(lines, (8, 16), strict=True):
        assert f'output stride {output_stride}, int8: ready' in line
        assert 'pixels of float32' in line
        assert store.find_graph('mobilenet_v1_075', output_stride, 'int8').is_file()


def test_quantize_makes_only_the_output_strides_that_are_asked_for(own_cache: Path) -> None:
    assert main(['quantize', '--output-stride', '16']) == 0
    names = {path.name for path in own_cache.rglob('*-int8.onnx')}
    assert names == {'stride16-int8.onnx'}


def test_models_shows_the_precisions_that_are_there(own_cache: Path, capsys: Output) -> None:
    main(['models'])
    assert 'int8' not in capsys.readouterr().out
    main(['quantize', '--output-stride', '16'])
    capsys.readouterr()
    main(['models'])
    assert 'float32, float16, int8 (output strides 16)' in capsys.readouterr().out


def test_pictures_to_calibrate_on_are_named_as_files_and_folders(
    own_cache: Path, picture: Path
) -> None:
    assert main(['quantize', '--output-stride', '16', '--images', str(picture)]) == 0
    by_file = contents(own_cache)
    folder = picture.parent / 'pictures'
    folder.mkdir()
    shutil.copy(picture, folder)
    assert main(['quantize', '--output-stride', '16', '--images', str(folder)]) == 0
    assert contents(own_cache) == by_file


def test_pictures_without_people_are_complained_about(
    own_cache: Path, tmp_path: Path, capsys: Output
) -> None:
    write_png(tmp_path / 'grey.png', np.full((64, 64, 3), 128, np.uint8))
    main(['quantize', '--output-stride', '16', '--images', str(tmp_path / 'grey.png')])
    assert 'nobody is in the pictures' in capsys.readouterr().err


@pytest.mark.parametrize('name', ['nowhere.png', 'text.png', 'empty'])
def test_pictures_that_cannot_be_read_are_named_and_the_cache_stays(
    own_cache: Path, picture: Path, capsys: Output, name: str
) -> None:
    (picture.parent / 'text.png').write_text('text')
    (picture.parent / 'empty').mkdir()
    before = contents(own_cache)
    assert main(['quantize', '--images', str(picture), str(picture.parent / name)]) == 1
    err = capsys.readouterr().err
    assert name in err
    assert len(err.splitlines()) == 1
    assert contents(own_cache) == before


def test_a_model_that_was_not_downloaded_is_not_quantized(own_cache: Path, capsys: Output) -> None:
    assert main(['quantize', 'mobilenet_v1_050']) == 1
    assert 'posenet download mobilenet_v1_050' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [(['resnet'], "'resnet'"), (['--output-stride', '32'], 'it has 8, 16')],
)
def test_a_graph_that_there_cannot_be_is_wrong_usage(
    own_cache: Path, capsys: Output, arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['quantize', *arguments])
    assert message in capsys.readouterr().err
