import json
import os
from pathlib import Path
import re
from typing import BinaryIO

from golden import ROOT
from made_tasks import Noting
from made_videos import walking_frames, write_video
import pytest

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.cli.estimation.batch import video_task
from posenet_ros.cli.estimation.batch.video_record import RECORD
from posenet_ros.cli.estimation.batch.video_task import save_video, VideoSettings
from posenet_ros.errors import PosenetError
from posenet_ros.estimation.attention_settings import AttentionSettings
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.network import PoseNet
from posenet_ros.processes import unfinished_folder as module
from posenet_ros.processes.tasks import Task
from posenet_ros.processes.unfinished_folder import unfinished_folder, unfinished_name
from posenet_ros.regular_files import lock_file
from posenet_ros.settings import PoseSettings
from posenet_ros.tracking import TrackingSettings
from posenet_ros.videos.frames import FrameSelection

SETTINGS = VideoSettings(
    observation=ObservationSettings(PoseSettings(), AttentionSettings(), TrackingSettings()),
    quality='fast',
    rate=30.0,
    selection=FrameSelection(),
    formats=('jsonl', 'mp4'),
)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """Return a video of two frames."""
    return Task(write_video(tmp_path / 'v.mp4', walking_frames(2, size=128)), tmp_path / 'out')


def test_the_progress_and_what_is_unusual_are_passed_on(task: Task, network_075: PoseNet) -> None:
    noting = Noting()
    saved = save_video(task, PoseEstimator(network_075), SETTINGS, noting)
    assert (saved.summary.frames, saved.existed) == (2, False)
    assert list(noting.images) == [task.source]
    assert noting.done == 2
    assert 'nobody has an id' in noting.notices[0]


class FailingEstimator(PoseEstimator):
    """An estimator whose network fails."""

    def infer_framed(self, *_: object) -> list[object]:  # type: ignore[override]
        raise RuntimeError('the GPU is lost')


@pytest.mark.parametrize('left', [False, True])
def test_an_error_that_is_not_of_the_video_leaves_nothing(
    task: Task, network_075: PoseNet, left: bool
) -> None:
    if left:
        unfinished_name(task.target).mkdir()
    with pytest.raises(RuntimeError, match='the GPU is lost'):
        save_video(task, FailingEstimator(network_075), SETTINGS, Noting())
    assert os.listdir(task.target.parent) == ['v.mp4']


def test_a_record_that_cannot_be_written_leaves_no_results(
    task: Task, network_075: PoseNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(video_task, 'write_record', fail)
    with pytest.raises(PosenetError, match=r'cannot write .*out: No space left on device'):
        save_video(task, PoseEstimator(network_075), SETTINGS, Noting())
    assert os.listdir(task.target.parent) == ['v.mp4']


def test_a_video_that_another_process_writes_is_refused(task: Task, network_075: PoseNet) -> None:
    with (
        unfinished_folder(task.target),
        pytest.raises(PosenetError, match='another process is writing'),
    ):
        save_video(task, PoseEstimator(network_075), SETTINGS, Noting())


def test_what_a_process_left_that_was_killed_at_its_very_end_is_removed(
    task: Task, network_075: PoseNet
) -> None:
    estimator = PoseEstimator(network_075)
    save_video(task, estimator, SETTINGS, Noting())
    unfinished_name(task.target).mkdir()
    assert save_video(task, estimator, SETTINGS, Noting()).existed
    assert not unfinished_name(task.target).exists()


def test_what_another_process_completes_at_this_moment_is_the_result(
    task: Task, network_075: PoseNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimator, elsewhere = PoseEstimator(network_075), task.target.with_name('elsewhere')
    save_video(task, estimator, SETTINGS, Noting())
    task.target.replace(elsewhere)

    def complete_and_lock(file: BinaryIO) -> bool:
        if elsewhere.exists():
            elsewhere.replace(task.target)
        return lock_file(file)

    with unfinished_folder(task.target):  # of the other process, which has not removed it yet
        monkeypatch.setattr(module, 'lock_file', complete_and_lock)
        saved = save_video(task, estimator, SETTINGS, Noting())
    assert (saved.existed, saved.summary.frames) == (True, 2)


def test_the_page_about_recordings_explains_every_field_of_the_record(
    task: Task, network_075: PoseNet
) -> None:
    save_video(task, PoseEstimator(network_075), SETTINGS, Noting())
    record = json.loads((task.target / RECORD).read_text())
    page = (ROOT / 'docs' / 'recordings.md').read_text()
    section = page.partition('\n## Many videos\n')[2].partition('\n## ')[0]
    rows = re.findall(r'^\| (`.*) \|.*\|$', section, re.MULTILINE)
    explained = [name for row in rows for name in re.findall(r'`(\w+)`', row.split(' | ')[0])]
    assert set(record) == {'summary', 'command'}
    for field in (*record['summary'], *record['command']):
        assert explained.count(field) == 1, field
    for field in record['command']['input']:
        assert f'`{field}`' in section
