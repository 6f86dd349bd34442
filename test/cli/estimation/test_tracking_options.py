from pathlib import Path

from command_line import write_picture
from made_videos import plain_frames, write_video
import pytest

from posenet_ros.cli.main import main

Output = pytest.CaptureFixture[str]


def refused(capsys: Output, *arguments: str) -> str:
    """Return the message about wrong usage."""
    with pytest.raises(SystemExit, match='2'):
        main(['estimate', *arguments])
    return capsys.readouterr().err


@pytest.mark.parametrize('option', ['--rate', '--track-max-age', '--track-min-hits'])
def test_an_option_that_needs_track_is_refused_without_it(
    option: str, tmp_path: Path, capsys: Output
) -> None:
    picture = str(write_picture(tmp_path))
    assert f'{option} has no effect without --track' in refused(capsys, picture, option, '1')


def test_an_option_that_needs_track_is_allowed_for_videos(tmp_path: Path) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(2))
    assert main(['estimate', str(path), '--track-min-hits', '1']) == 0


@pytest.mark.parametrize(
    ('option', 'reason'),
    [
        (['--rate', '10'], '--rate has no effect without --track or numbered images'),
        (['--track'], '--track has no effect without a single image'),
    ],
)
def test_an_option_for_images_is_refused_for_a_video(
    option: list[str], reason: str, tmp_path: Path, capsys: Output
) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(2))
    assert reason in refused(capsys, str(path), *option)


@pytest.mark.parametrize('option', ['--every', '--start', '--end'])
def test_an_option_for_videos_is_refused_without_one(
    option: str, tmp_path: Path, capsys: Output
) -> None:
    picture = str(write_picture(tmp_path))
    assert f'{option} has no effect without a video' in refused(capsys, picture, option, '1')


@pytest.mark.usefixtures('network_075')
@pytest.mark.parametrize('option', ['--every', '--end', '--rate', '--track-max-age'])
def test_whether_an_option_has_an_effect_is_not_decided_by_a_file_that_cannot_be_read(
    option: str, tmp_path: Path, capsys: Output
) -> None:
    path = tmp_path / 'nowhere.mp4'
    assert main(['estimate', str(path), option, '1']) == 1
    assert capsys.readouterr().err == f'posenet: cannot open {path}: No such file or directory\n'


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--every', '0'], 'every is 0'),
        (['--start', 'soon'], "'soon' is not a time"),
        (['--start', '1:00', '--end', '59'], 'choose an end that is after the start'),
    ],
)
def test_a_wrong_part_of_a_video_is_refused(
    arguments: list[str], message: str, capsys: Output, tmp_path: Path
) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(2))
    assert message in refused(capsys, str(path), *arguments)


def test_track_with_too_few_images_says_why_nobody_has_an_id(
    tmp_path: Path, capsys: Output
) -> None:
    picture = str(write_picture(tmp_path))
    assert main(['estimate', '--json', '--track', picture, picture]) == 0
    assert 'nobody in the images gets an id' in capsys.readouterr().err
    assert main(['estimate', '--json', '--track', picture, picture, picture]) == 0
    assert capsys.readouterr().err == ''


def test_wrong_usage_prints_one_line_of_usage(capsys: Output) -> None:
    assert len(refused(capsys, 'a.png', '--no-such-option').splitlines()) == 2
