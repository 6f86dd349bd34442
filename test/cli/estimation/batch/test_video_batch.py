"""`posenet estimate --output` as users run it, also when it is killed."""

import json
import os
from pathlib import Path
import re
import signal
import sys

from command_line import write_picture
from ended_commands import start_ended_command
from made_videos import truncate, walking_frames, write_video
from networks import count_runs
import pytest

from posenet_ros.cli.main import main
from posenet_ros.image_files import write_png

Output = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures('network_075')

# Seconds that a test waits for anything; generous, as machines are shared.
PATIENCE = 60.0


def write_videos(folder: Path, **frames: int) -> list[str]:
    """Write a video for each name, with this number of frames, and return their paths."""
    folder.mkdir(exist_ok=True)
    return [
        str(write_video(folder / f'{name}.mp4', walking_frames(count, size=128)))
        for name, count in frames.items()
    ]


def estimate(*arguments: object) -> int:
    """Run the command in this process, and return its exit code."""
    return main(['estimate', *map(str, arguments)])


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of all files in a folder, by their relative paths."""
    paths = sorted(path for path in folder.rglob('*') if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_several_processes_write_the_same_files_as_one(tmp_path: Path, capsys: Output) -> None:
    videos = write_videos(tmp_path / 'in', a=4, b=6, c=5)
    formats = ('--format', 'jsonl', '--format', 'csv', '--format', 'mp4')
    options = (*formats, '--intra-op-num-threads', 1)
    assert estimate(*videos, '--output', tmp_path / 'one', *options) == 0
    assert estimate(*videos, '--output', tmp_path / 'two', *options, '--jobs', 2) == 0
    one, two = files(tmp_path / 'one'), files(tmp_path / 'two')
    assert sorted(one) == [
        f'{name}/{file}'
        for name in 'abc'
        for file in (f'{name}_poses.mp4', 'poses.csv', 'poses.jsonl', 'summary.json')
    ]
    assert one == two
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_the_lines_of_a_video_are_those_of_json(tmp_path: Path, capsys: Output) -> None:
    videos = write_videos(tmp_path / 'in', a=4)
    assert estimate(*videos, '--output', tmp_path / 'out') == 0
    assert re.fullmatch(
        rf'{tmp_path}/out/a written: {videos[0]} \(128x128\): 4 frames .*\n',
        capsys.readouterr().out,
    )
    assert estimate(*videos, '--json') == 0
    assert (tmp_path / 'out' / 'a' / 'poses.jsonl').read_text() == capsys.readouterr().out


def test_a_second_run_does_only_what_is_missing(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos, out = write_videos(tmp_path / 'in', a=3, b=4), tmp_path / 'out'
    runs = count_runs(monkeypatch)
    assert estimate(videos[0], '--output', out) == 0
    runs.clear()
    capsys.readouterr()
    assert estimate(*videos, '--output', out) == 0
    assert len(runs) == 4
    assert [line.split(': ')[0] for line in capsys.readouterr().out.splitlines()] == [
        f'{out}/a already exists',
        f'{out}/b written',
    ]


@pytest.mark.parametrize('jobs', [1, 2])
def test_after_kill_9_the_same_command_completes_what_is_missing(
    tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos, out = write_videos(tmp_path / 'in', a=3, b=9), tmp_path / 'out'
    runs = count_runs(monkeypatch)
    options = ('--format', 'csv', '--format', 'mp4', '--intra-op-num-threads', 1)
    arguments = ('estimate', *videos, '--output', out, *options)
    assert estimate(videos[0], '--output', out, *options) == 0
    runs.clear()
    process = start_ended_command(
        *arguments, '--jobs', jobs, after=2, number=signal.SIGKILL, waiting=True
    )
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    assert {path.name for path in out.iterdir()} == {'a', 'b.unfinished'}
    assert main([str(one) for one in arguments]) == 0
    assert len(runs) == 9
    assert estimate(*videos, '--output', tmp_path / 'whole', *options) == 0
    assert files(out) == files(tmp_path / 'whole')


@pytest.mark.parametrize('jobs', [1, 2])
def test_ctrl_c_ends_all_processes_and_tells_how_far_it_came(tmp_path: Path, jobs: int) -> None:
    videos, out = write_videos(tmp_path / 'in', a=4, b=4), tmp_path / 'out'
    process = start_ended_command(
        'estimate', *videos, '--output', out, '--jobs', jobs, '--format', 'mp4',
        after=2, number=signal.SIGINT, waiting=True,
    )  # fmt: skip
    stdout, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, stdout) == (130, '')
    assert '0 of 2 videos are complete' in err
    assert 'starts again from its first frame' in err
    assert 'Traceback' not in err
    assert list(out.iterdir()) == []


def test_shards_share_the_videos(tmp_path: Path, capsys: Output) -> None:
    videos, out = write_videos(tmp_path / 'in', a=1, b=1, c=1), tmp_path / 'out'
    assert estimate(*videos, '--output', out, '--shard', '2/2') == 0
    assert os.listdir(out) == ['b']
    assert estimate(*videos, '--output', out, '--shard', '1/2') == 0
    assert sorted(os.listdir(out)) == ['a', 'b', 'c']
    capsys.readouterr()
    assert estimate(*videos, '--output', tmp_path / 'none', '--shard', '4/4') == 0
    assert capsys.readouterr() == (
        '',
        'posenet: --shard 4/4 of 3 videos is empty: there is nothing to do\n',
    )


def test_a_broken_video_is_one_line_and_the_others_are_processed(
    tmp_path: Path, capsys: Output
) -> None:
    videos, out = write_videos(tmp_path / 'in', a=1, c=2), tmp_path / 'out'
    empty, nowhere = tmp_path / 'empty.mp4', tmp_path / 'nowhere.mp4'
    empty.touch()
    for jobs in (1, 2):
        code = estimate(videos[0], empty, nowhere, videos[1], '--output', out, '--jobs', jobs)
        stdout, err = capsys.readouterr()
        assert code == 1
        assert sorted(os.listdir(out)) == ['a', 'c']
        assert len(stdout.splitlines()) == 2
        errors = [line for line in err.splitlines() if 'nobody has an id' not in line]
        assert len(errors) == 2
        assert any(str(empty) in line for line in errors)
        assert any(f'{nowhere}: No such file' in line for line in errors)


def test_a_damaged_video_has_the_frames_before_the_damage_and_is_not_processed_twice(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, path = count_runs(monkeypatch), tmp_path / 'v.mp4'
    write_video(path, walking_frames(40, size=128), options={'movflags': 'faststart'})
    truncate(path, 0.8)
    for state in ('written', 'already exists'):
        runs.clear()
        assert estimate(path, '--output', tmp_path / 'out') == 1
        out, err = capsys.readouterr()
        assert f'v {state}: ' in out
        assert re.fullmatch(r'posenet: .*/out/v has only the frames .* is broken after .*\n', err)
    assert runs == []
    lines = (tmp_path / 'out' / 'v' / 'poses.jsonl').read_text().splitlines()
    assert 2 <= len(lines) < 40


@pytest.mark.parametrize(
    ('change', 'difference'),
    [
        (('--format', 'csv'), '--format was jsonl and is csv'),
        (('--every', '2'), '--every was 1 and is 2'),
        (('--quality', 'balanced'), '--quality was fast and is balanced'),
        (('--end', '9'), '--end was not given and is 9.0'),
    ],
)
def test_results_of_other_options_are_kept_and_refused_with_the_difference(
    tmp_path: Path, capsys: Output, change: tuple[str, str], difference: str
) -> None:
    videos, out = write_videos(tmp_path / 'in', a=3), tmp_path / 'out'
    assert estimate(*videos, '--output', out) == 0
    before = files(out)
    assert estimate(*videos, '--output', out, *change) == 1
    err = capsys.readouterr().err
    assert f'a exists, and is not what this command would write: {difference}; ' in err
    assert len(err.splitlines()) == 1
    assert files(out) == before


def test_results_of_another_video_of_the_same_name_are_refused(
    tmp_path: Path, capsys: Output
) -> None:
    videos = write_videos(tmp_path / 'in', a=3)
    assert estimate(*videos, '--output', tmp_path / 'out') == 0
    assert estimate(*write_videos(tmp_path / 'in', a=5), '--output', tmp_path / 'out') == 1
    assert 'it is from another video' in capsys.readouterr().err


def test_numbered_images_are_a_video_with_the_name_of_their_folder(tmp_path: Path) -> None:
    for number, image in enumerate(walking_frames(3, size=128)):
        write_png(tmp_path / 'walk' / f'{number:04d}.png', image)
    pattern = tmp_path / 'walk' / '%04d.png'
    assert estimate(pattern, '--output', tmp_path / 'out', '--rate', 10) == 0
    lines = (tmp_path / 'out' / 'walk_04d' / 'poses.jsonl').read_text().splitlines()
    assert [json.loads(line)['time'] for line in lines] == [0.0, 0.1, 0.2]


def test_without_pyav_one_message_says_how_to_install_it(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = write_videos(tmp_path / 'in', a=1, b=1)
    monkeypatch.setitem(sys.modules, 'av', None)
    assert estimate(*videos, '--output', tmp_path / 'out') == 1
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert 'pip install "av>=17"' in err


def refusal(capsys: Output, *arguments: object) -> str:
    """Return the message about arguments that are refused."""
    with pytest.raises(SystemExit) as exit_info:
        estimate(*arguments)
    assert exit_info.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize('option', [('--jobs', '2'), ('--shard', '1/2'), ('--format', 'csv')])
def test_options_without_a_folder_are_refused_with_the_remedy(
    capsys: Output, option: tuple[str, str]
) -> None:
    message = refusal(capsys, 'a.mp4', *option)
    assert f'{option[0]} has no effect without --output: add --output DIR' in message


@pytest.mark.parametrize(
    ('option', 'remedy'),
    [
        (['--json'], '--format jsonl'),
        (['--csv', 'a.csv'], '--format csv'),
        (['--annotate', 'dir'], '--format mp4'),
        (['--annotate', 'dir', '--report', 'a.html'], '--format mp4'),
        (['--report', 'a.html'], 'a command without --output'),
    ],
)
def test_outputs_of_all_inputs_together_are_refused_with_a_folder(
    capsys: Output, option: list[str], remedy: str
) -> None:
    message = refusal(capsys, 'a.mp4', '--output', 'out', *option)
    assert f'has no effect with --output: use {remedy}' in message


def test_inputs_that_are_no_videos_are_refused_with_a_folder(
    tmp_path: Path, capsys: Output
) -> None:
    picture = write_picture(tmp_path)
    assert f'{picture} is a single image' in refusal(capsys, picture, '--output', 'out')
    assert '0 is a webcam' in refusal(capsys, '0', '--output', 'out')


def test_a_folder_that_is_a_file_or_for_two_videos_is_refused(
    tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / 'file').touch()
    message = refusal(capsys, 'a.mp4', '--output', tmp_path / 'file')
    assert 'file, which is not a folder' in message
    message = refusal(capsys, 'x/a.mp4', 'y/a.mp4', '--output', tmp_path / 'out')
    assert 'x/a.mp4 and y/a.mp4 would both be' in message
    assert '--jobs is 0' in refusal(capsys, 'a.mp4', '--output', 'out', '--jobs', 0)
