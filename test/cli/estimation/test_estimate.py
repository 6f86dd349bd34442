import json
import os
from pathlib import Path
import shutil
import subprocess

from command_line import write_picture
import cv2
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.cli.main import main
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.image_files import read_image, write_png
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.posenet.network import PoseNet
from posenet_ros.poses import Pose
from posenet_ros.settings import PoseSettings

Output = pytest.CaptureFixture[str]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return the file of a picture of one person."""
    return write_picture(tmp_path)


def test_json_is_one_line_per_image_with_the_librarys_exact_results(
    picture: Path, capsys: Output, network_075: PoseNet
) -> None:
    assert main(['estimate', str(picture), str(picture), '--json']) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == second
    assert first['image'] == str(picture)
    assert (first['width'], first['height']) == (512, 512)
    assert (first['model'], first['output_stride']) == ('mobilenet_v1_075', 16)
    assert first['input_size'] == [241, 241]
    (shown,) = first['poses']
    (pose,) = PoseEstimator(network_075).estimate(read_image(picture))
    assert shown['score'] == pose.score
    for keypoint, (x, y), score in zip(
        shown['keypoints'], pose.keypoints, pose.keypoint_scores, strict=True
    ):
        assert (keypoint['x'], keypoint['y'], keypoint['score']) == (x, y, score)


def test_options_reach_the_estimator(picture: Path, capsys: Output, network_075: PoseNet) -> None:
    options = '--input-size 257x193 --flip-horizontal --score-threshold 0.05 --nms-radius 5'
    options += ' --max-pose-detections 2 --min-pose-score 0'
    main(['estimate', str(picture), '--json', *options.split()])
    shown = json.loads(capsys.readouterr().out)
    settings = PoseSettings(
        input_size='257x193',
        flip_horizontal=True,
        score_threshold=0.05,
        nms_radius=5.0,
        max_pose_detections=2,
        min_pose_score=0.0,
    )
    poses = PoseEstimator(network_075, settings).estimate(read_image(picture))
    assert shown['input_size'] == [257, 193]
    assert len(poses) == 2
    assert [pose['score'] for pose in shown['poses']] == [pose.score for pose in poses]


def score_of(picture: Path, capsys: Output, *options: str) -> float:
    """Return the score of the first pose with these options."""
    assert main(['estimate', str(picture), '--json', *options]) == 0
    score: float = json.loads(capsys.readouterr().out)['poses'][0]['score']
    return score


def keypoints_of(picture: Path, capsys: Output, *options: str) -> list[NDArray[np.float64]]:
    """Return the positions of the keypoints of each pose, float64 [17, 2], with these options."""
    assert main(['estimate', str(picture), '--json', *options]) == 0
    poses = json.loads(capsys.readouterr().out)['poses']
    return [np.array([(one['x'], one['y']) for one in pose['keypoints']]) for pose in poses]


def test_options_take_precedence_over_the_quality(picture: Path, capsys: Output) -> None:
    fast, balanced = (
        score_of(picture, capsys, '--quality', quality) for quality in ('fast', 'balanced')
    )
    assert balanced != fast
    options = ['--attention', 'whole_image', '--image-scale-factor', '0.5']
    own = score_of(picture, capsys, '--quality', 'balanced', *options)
    assert own == fast


def test_single_finds_one_person_whatever_the_score_threshold(
    picture: Path, capsys: Output
) -> None:
    main(['estimate', str(picture), '--json', '--single', '--score-threshold', '1.0'])
    assert len(json.loads(capsys.readouterr().out)['poses']) == 1


def test_the_output_is_a_table_by_default(picture: Path, capsys: Output) -> None:
    assert main(['estimate', str(picture)]) == 0
    out = capsys.readouterr().out
    assert '1 person' in out
    assert all(part in out for part in PART_NAMES)


def test_an_unreadable_image_is_named_and_the_others_are_processed(
    picture: Path, capsys: Output
) -> None:
    assert main(['estimate', 'nowhere.png', str(picture), '--json']) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)['image'] == str(picture)
    assert 'nowhere.png' in err


@pytest.mark.parametrize('encoding', ['utf-8', 'ascii'])
def test_an_image_whose_name_cannot_be_printed_is_processed_like_any_other(
    picture: Path, encoding: str
) -> None:
    bad = Path(f'{picture}\udcff.png')  # the byte 0xff
    shutil.copy(picture, bad)
    done = subprocess.run(
        ['posenet', 'estimate', bad, picture],
        env={**os.environ, 'PYTHONIOENCODING': encoding},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, '')
    assert f'{picture}\\udcff.png (512x512): 1 person' in done.stdout
    assert done.stdout.count('1 person') == 2


@pytest.mark.parametrize(
    'error',
    [
        MemoryError(),
        OSError(12, 'Cannot allocate memory'),
        cv2.error('(-215:Assertion\nfailed)'),
        KeyError(1),
    ],
)
def test_no_error_of_one_file_ends_the_batch(
    picture: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    estimate, errors = PoseEstimator.estimate, [error]

    def fail_once(
        estimator: PoseEstimator, image: NDArray[np.uint8], settings: PoseSettings | None = None
    ) -> list[Pose]:
        if errors:
            raise errors.pop()
        return estimate(estimator, image, settings)

    monkeypatch.setattr(PoseEstimator, 'estimate', fail_once)
    assert main(['estimate', str(picture), str(picture), '--json']) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)['image'] == str(picture)
    assert err.count('\n') == 1
    assert f'cannot process {picture}: {type(error).__name__}' in err


def test_the_batch_goes_on_if_nobody_reads_the_messages(picture: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = ['posenet', 'estimate', 'nowhere.png', str(picture), '--json']
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=writing, timeout=60)
    os.close(writing)
    assert done.returncode == 1
    assert json.loads(done.stdout)['image'] == str(picture)


def test_without_the_model_the_command_exits_with_1_and_names_the_download_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv('POSENET_HOME', str(tmp_path))
    assert main(['estimate', 'a.png']) == 1
    assert 'posenet download mobilenet_v1_075' in capsys.readouterr().err


def test_an_annotated_image_that_cannot_be_written_is_named(
    picture: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / 'file').write_text('')
    assert main(['estimate', str(picture), '--annotate', str(tmp_path / 'file')]) == 1
    assert 'cannot write' in capsys.readouterr().err


def test_annotated_images_show_the_poses_and_none_overwrites_another(
    picture: Path, tmp_path: Path
) -> None:
    other = tmp_path / 'other' / 'astronaut.png'
    write_png(other, read_image(picture)[:, ::-1])
    target = tmp_path / 'annotated'
    main(['estimate', str(picture), str(other), '--annotate', str(target)])
    names = sorted(path.name for path in target.iterdir())
    assert names == ['astronaut_poses.png', 'astronaut_poses_2.png']
    assert (read_image(target / names[0]) != read_image(picture)).any()


def test_an_error_about_an_image_names_its_file(tmp_path: Path, capsys: Output) -> None:
    path = tmp_path / 'large.png'
    write_png(path, np.zeros((2100, 2100, 3), np.uint8))
    assert main(['estimate', '--image-scale-factor', '1', str(path)]) == 1
    assert f'cannot process {path}: width x height is 2100x2100' in capsys.readouterr().err


def test_an_image_larger_than_max_image_pixels_is_refused(picture: Path, capsys: Output) -> None:
    assert main(['estimate', str(picture), '--max-image-pixels', '262143']) == 1
    assert 'width x height is 512x512' in capsys.readouterr().err
    assert main(['estimate', str(picture), '--max-image-pixels', '262144']) == 0


def test_a_closer_look_finds_a_tiny_person_better(tmp_path: Path, capsys: Output) -> None:
    picture = write_picture(tmp_path)
    (full_size,) = keypoints_of(picture, capsys)
    wide = np.full((720, 1280, 3), 128, np.uint8)
    wide[300:450, 700:850] = cv2.resize(
        read_image(picture), (150, 150), interpolation=cv2.INTER_AREA
    )
    path = tmp_path / 'wide.png'
    write_png(path, wide)
    # Of the 512x512 pixels, which the network sees at half their size.
    face = slice(PART_NAMES.index('right_ear') + 1)
    place = (full_size[face] + 0.5) * 150 / 512 - 0.5 + (700, 300)
    errors = []
    for options in ([], ['--attention', 'closer_look', '--region-size', '289']):
        (found,) = keypoints_of(path, capsys, *options)
        errors.append(np.linalg.norm(found[face] - place, axis=1).mean())
    whole_image, closer_look = errors
    assert closer_look < 1.5
    assert closer_look < whole_image / 2


@pytest.mark.parametrize('option', ['--max-regions', '--region-size'])
def test_an_option_of_the_closer_look_is_refused_without_it(option: str, capsys: Output) -> None:
    with pytest.raises(SystemExit, match='2'):
        main(['estimate', 'a.png', option, '100'])
    assert f'{option} has no effect without --attention closer_look' in capsys.readouterr().err
