from contextlib import suppress
import csv
import json
import os
from pathlib import Path
import re
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any

from command_line import write_picture
from made_videos import (
    plain_frames,
    read_frames,
    truncate,
    turn_clockwise,
    walking_frames,
    write_video,
)
import numpy as np
import pytest

from posenet_ros.attention import PersonFollower
from posenet_ros.cli.estimation import annotations
from posenet_ros.cli.estimation.video_run import count_frames
from posenet_ros.cli.main import main
from posenet_ros.errors import ImageError
from posenet_ros.estimation import PoseEstimator
from posenet_ros.image_files import write_png
from posenet_ros.posenet.network import PoseNet
from posenet_ros.poses import Pose
from posenet_ros.videos import FrameSelection, VideoFile, VideoWriter

Output = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures('network_075')


def estimate(capsys: Output, *arguments: object, code: int = 0) -> list[dict[str, Any]]:
    """Run the command with --json, and return what it printed."""
    assert main(['estimate', '--json', *map(str, arguments)]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def ids(lines: list[dict[str, Any]]) -> list[list[int]]:
    return [[pose['track_id'] for pose in line['poses']] for line in lines]


def test_a_video_is_one_line_per_frame_with_the_results_of_the_library(
    tmp_path: Path, capsys: Output, network_075: PoseNet
) -> None:
    path = write_video(tmp_path / 'v.mp4', walking_frames(5), sound=True)
    lines = estimate(capsys, path)
    follower = PersonFollower(PoseEstimator(network_075))
    with VideoFile(path) as video:
        for line, frame in zip(lines, video.frames(), strict=True):
            assert (line['video'], line['frame']) == (str(path), frame.index)
            assert line['time'] == frame.time
            assert (line['width'], line['height']) == (256, 256)
            (pose,), (shown,) = follower.follow(frame.image, time=frame.time), line['poses']
            assert (shown['track_id'], shown['score']) == (pose.track_id, pose.score)
    assert ids(lines) == [[0], [0], [1], [1], [1]]


def test_times_are_those_of_a_video_with_a_variable_rate(tmp_path: Path, capsys: Output) -> None:
    times = [0.0, 0.2, 0.25, 3.0]
    lines = estimate(capsys, write_video(tmp_path / 'v.mp4', walking_frames(4), times=times))
    assert [line['time'] for line in lines] == pytest.approx(times, abs=1e-4)
    assert ids(lines) == [[0], [0], [1], [1]]


def test_the_annotated_video_has_the_rate_size_and_times_of_the_original(
    tmp_path: Path, capsys: Output
) -> None:
    times = [0.0, 0.2, 0.25, 1.0]
    path = write_video(tmp_path / 'v.mp4', walking_frames(4), times=times)
    estimate(capsys, path, '--annotate', tmp_path / 'out')
    assert [file.name for file in (tmp_path / 'out').iterdir()] == ['v_poses.mp4']
    annotated, original = read_frames(tmp_path / 'out' / 'v_poses.mp4'), read_frames(path)
    assert [time for time, _ in annotated] == pytest.approx(times, abs=1e-4)
    for (_, drawn), (_, image) in zip(annotated, original, strict=True):
        assert drawn.shape == image.shape
        changed = np.abs(drawn.astype(int) - image).max(axis=2) > 60
        assert 0.005 < changed.mean() < 0.3


def test_a_video_that_a_phone_turned_comes_out_upright(tmp_path: Path, capsys: Output) -> None:
    upright = walking_frames(1)[0]
    frames = [np.ascontiguousarray(np.rot90(upright)[:, :200])] * 2
    path = write_video(tmp_path / 'v.mp4', frames)
    turn_clockwise(path)
    lines = estimate(capsys, path, '--annotate', tmp_path / 'out')
    assert (lines[0]['width'], lines[0]['height']) == (256, 200)
    assert len(lines[0]['poses']) == 1
    (_, drawn), *_ = read_frames(tmp_path / 'out' / 'v_poses.mp4')
    assert drawn.shape == (200, 256, 3)


def test_a_video_of_one_frame_says_why_nobody_has_an_id(tmp_path: Path, capsys: Output) -> None:
    path = write_video(tmp_path / 'v.mp4', walking_frames(1))
    assert main(['estimate', str(path), '--annotate', str(tmp_path / 'out')]) == 0
    out, err = capsys.readouterr()
    assert out == f'{path} (256x256): 1 frame up to 0.000 s, at most 1 person at once, 0 ids\n'
    assert 'nobody has an id' in err
    assert 'found in 3 frames' in err
    assert len(read_frames(tmp_path / 'out' / 'v_poses.mp4')) == 1


def test_a_broken_video_gives_the_frames_before_the_break_and_the_others_are_processed(
    tmp_path: Path, capsys: Output
) -> None:
    path = write_video(
        tmp_path / 'v.mp4', walking_frames(40, size=128), options={'movflags': 'faststart'}
    )
    truncate(path, 0.8)
    picture = write_picture(tmp_path)
    options = ['--json', '--annotate', str(tmp_path / 'out')]
    assert main(['estimate', *options, str(path), str(picture)]) == 1
    out, err = capsys.readouterr()
    *frames, last = map(json.loads, out.splitlines())
    assert 2 <= len(frames) < 40
    assert last['image'] == str(picture)
    assert err.splitlines() == [
        f'posenet: {path} is broken after its first {len(frames)} frames: it is damaged, or ends '
        'in the middle of a frame'
    ]
    assert len(read_frames(tmp_path / 'out' / 'v_poses.mp4')) == len(frames)


def test_numbered_images_are_a_video_with_the_given_rate(tmp_path: Path, capsys: Output) -> None:
    for number, image in enumerate(walking_frames(4), 8):
        write_png(tmp_path / f'{number}.png', image)
    pattern = tmp_path / '%d.png'
    lines = estimate(capsys, pattern, '--rate', 10, '--annotate', tmp_path / 'out')
    assert [line['time'] for line in lines] == [0.0, 0.1, 0.2, 0.3]
    assert ids(lines) == [[0], [0], [1], [1]]
    (annotated,) = (tmp_path / 'out').iterdir()
    assert [time for time, _ in read_frames(annotated)] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_every_start_and_end_choose_frames(tmp_path: Path, capsys: Output) -> None:
    path = write_video(tmp_path / 'v.mp4', walking_frames(12), rate=10)
    options = ['--every', 2, '--start', '0.3', '--end', '00:00:00.9']
    lines = estimate(capsys, path, *options, '--annotate', tmp_path / 'out')
    assert [line['frame'] for line in lines] == [3, 5, 7]
    times = [time for time, _ in read_frames(tmp_path / 'out' / 'v_poses.mp4')]
    assert times == pytest.approx([0, 0.2, 0.4])


def test_each_video_has_its_own_people(tmp_path: Path, capsys: Output) -> None:
    path = write_video(tmp_path / 'v.mp4', walking_frames(3))
    assert ids(estimate(capsys, path, path)) == [[0], [0], [1]] * 2


def test_the_closer_look_is_that_of_a_camera(
    tmp_path: Path, capsys: Output, network_075: PoseNet
) -> None:
    path = write_video(tmp_path / 'v.mp4', walking_frames(3))
    lines = estimate(capsys, path, '--quality', 'balanced', '--search-interval', '60')
    assert ids(lines) == [[0], [0], [1]]
    assert {line['quality'] for line in lines} == {'balanced'}


def test_a_person_in_a_table_has_one_row_per_frame(tmp_path: Path, capsys: Output) -> None:
    nobody = plain_frames(1, width=256, height=256)
    path = write_video(tmp_path / 'v.mp4', [*walking_frames(2), *nobody, *walking_frames(2)])
    table = tmp_path / 'out.csv'
    lines = estimate(capsys, path, '--csv', table)
    with open(table, newline='') as file:
        rows = list(csv.DictReader(file))
    assert [len(line['poses']) for line in lines] == [1, 1, 0, 1, 1]
    for row, line in zip(rows, [line for line in lines if line['poses']], strict=True):
        (pose,) = line['poses']
        assert (row['source'], int(row['frame'])) == (str(path), line['frame'])
        assert float(row['time']) == line['time']
        assert (int(row['track_id']), float(row['score'])) == (pose['track_id'], pose['score'])
        assert float(row['nose_x']) == pose['keypoints'][0]['x']


def test_without_pyav_one_message_says_how_to_install_it(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / 'v.mp4', plain_frames(2))
    monkeypatch.setitem(sys.modules, 'av', None)
    assert main(['estimate', str(path)]) == 1
    out, err = capsys.readouterr()
    assert out == ''
    assert err.count('\n') == 1
    assert 'pip install "av>=17"' in err


@pytest.mark.parametrize(
    ('number', 'count', 'code'),
    [(signal.SIGINT, 1, 130), (signal.SIGINT, 2, 130), (signal.SIGTERM, 1, 143)],
)
def test_signals_leave_complete_files_and_a_message_about_the_progress(
    number: signal.Signals, count: int, code: int, tmp_path: Path
) -> None:
    path = write_video(tmp_path / 'v.mp4', walking_frames(50) * 2)
    posenet = shutil.which('posenet')
    assert posenet is not None
    options = [f'--annotate={tmp_path / "out"}', f'--csv={tmp_path / "out.csv"}']
    running = subprocess.Popen(
        [posenet, 'estimate', '--json', str(path), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(120, running.kill)
    watchdog.start()
    assert running.stdout is not None
    lines = [running.stdout.readline() for _ in range(5)]
    for _ in range(count):
        running.send_signal(number)
    out, err = running.communicate()
    watchdog.cancel()
    assert running.returncode == code
    lines += out.splitlines()
    annotated = tmp_path / 'out' / 'v_poses.mp4'
    stopped = re.search(r'stopped after frame (\d+) \(', err)
    assert stopped is not None
    # The signal may come after a frame was printed, but before it was counted.
    assert len(lines) - 2 <= int(stopped[1]) <= len(lines) - 1
    assert err.rstrip().endswith('interrupted')
    assert sorted(file.name for file in tmp_path.iterdir()) == ['out', 'out.csv', 'v.mp4']
    assert [file.name for file in (tmp_path / 'out').iterdir()] == [annotated.name]
    assert len(lines) - 1 <= len(read_frames(annotated)) <= len(lines)
    assert len((tmp_path / 'out.csv').read_text().splitlines()) >= len(lines)


class UnwritableVideo(VideoWriter):
    """A video that cannot be finished."""

    def close(self) -> None:
        raise ImageError('the disk is full')


def test_a_copy_that_cannot_be_finished_is_reported_also_after_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    follow = PersonFollower.follow

    def interrupt(follower: PersonFollower, image: Any, *, time: float) -> Any:
        if time > 0:
            os.kill(os.getpid(), signal.SIGINT)
        return follow(follower, image, time=time)

    monkeypatch.setattr(annotations, 'VideoWriter', UnwritableVideo)
    monkeypatch.setattr(PersonFollower, 'follow', interrupt)
    path = write_video(tmp_path / 'v.mp4', walking_frames(3))
    assert main(['estimate', str(path), '--annotate', str(tmp_path / 'out')]) == 130
    err = capsys.readouterr().err.splitlines()
    assert 'the disk is full' in err[0]
    assert 'stopped after frame 0 (0.000 s)' in err[1]
    assert 'v_poses.mp4' not in err[1]
    assert os.listdir(tmp_path / 'out') == []


def test_a_signal_ends_a_video_even_if_a_library_swallows_the_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def swallow(follower: PersonFollower, image: object, *, time: float) -> list[Pose]:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        return []

    monkeypatch.setattr(PersonFollower, 'follow', swallow)
    path = write_video(tmp_path / 'v.mp4', plain_frames(9))
    assert main(['estimate', '--json', str(path)]) == 130
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert 'stopped after frame 0 (0.000 s)' in err


@pytest.mark.parametrize(
    ('selection', 'count'),
    [
        (FrameSelection(), 300),
        (FrameSelection(start=4, every=2), 90),
        (FrameSelection(end=1), 30),
        (FrameSelection(start=20), 0),
    ],
)
def test_the_number_of_frames_is_known_in_advance(selection: FrameSelection, count: int) -> None:
    class TenSeconds(VideoFile):
        def __init__(self) -> None:
            self.rate, self.duration = 30.0, 10.0

    assert count_frames(TenSeconds(), selection) == count
