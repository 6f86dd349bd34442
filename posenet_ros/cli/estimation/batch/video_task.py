"""The processing of one video, with its results in a folder of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.cli.estimation.annotations import AnnotatedFiles
from posenet_ros.cli.estimation.batch.intact_frames import IntactFrames
from posenet_ros.cli.estimation.batch.video_record import (
    describe_input,
    describe_network,
    describe_selection,
    Key,
    read_record,
    write_record,
)
from posenet_ros.cli.estimation.job import Job
from posenet_ros.cli.estimation.outputs import Outputs
from posenet_ros.cli.estimation.video_run import VideoRun
from posenet_ros.cli.estimation.video_summary import VideoSummary
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.processes.tasks import Task, Work
from posenet_ros.processes.unfinished_folder import (
    FolderInUseError,
    remove_unfinished,
    unfinished_folder,
    write_errors,
)
from posenet_ros.processes.watcher import Watcher
from posenet_ros.videos.frames import FrameSelection
from posenet_ros.videos.inputs import files_of, is_numbered, open_frames


@dataclass(frozen=True, eq=False, kw_only=True)
class VideoSettings:
    """How videos are processed, and what is written about each."""

    observation: ObservationSettings
    quality: str
    #: Images per second, for numbered images.
    rate: float
    selection: FrameSelection
    #: Some of `jsonl`, `csv` and `mp4`.
    formats: tuple[str, ...]


@dataclass(frozen=True)
class SavedVideo:
    """The results of a video, which are complete, or end where the video is damaged."""

    summary: VideoSummary
    #: Whether an earlier command had written them.
    existed: bool


def load_video_work(
    load: Callable[[], PoseEstimator], settings: VideoSettings
) -> Work[SavedVideo]:
    """Load the network with `load`, and return what processes the video of a task."""
    estimator = load()

    def process(task: Task, watcher: Watcher) -> SavedVideo:
        return save_video(task, estimator, settings, watcher)

    return process


def save_video(
    task: Task, estimator: PoseEstimator, settings: VideoSettings, watcher: Watcher
) -> SavedVideo:
    """
    Write the results of a video into a new folder.

    If that folder has the results of the same command, nothing is done. Raises PosenetError if it
    has anything else, if another process writes it, or if it cannot be written, and ImageError if
    no frame can be read. Then there is no folder, or it is unchanged.
    """
    key = _key(task, estimator, settings)
    if task.target.exists():
        summary = read_record(task.target, key)
        remove_unfinished(task.target)
        return SavedVideo(summary, existed=True)
    try:
        return _save_new(task, key, estimator, settings, watcher)
    except FolderInUseError:
        if not task.target.exists():
            raise
        # The other process has just completed it.
        return SavedVideo(read_record(task.target, key), existed=True)


def _save_new(
    task: Task, key: Key, estimator: PoseEstimator, settings: VideoSettings, watcher: Watcher
) -> SavedVideo:
    """Write the results of a video; raises FolderInUseError, and what `save_video` raises."""
    with unfinished_folder(task.target) as unfinished:
        if task.target.exists():  # another process has finished since
            return SavedVideo(read_record(task.target, key), existed=True)
        folder = unfinished / task.target.name
        with write_errors(unfinished):
            folder.mkdir()
        summary = _write_results(task, folder, estimator, settings, watcher)
        with write_errors(task.target):
            write_record(folder, key, summary)
            folder.replace(task.target)
    return SavedVideo(summary, existed=False)


def _key(task: Task, estimator: PoseEstimator, settings: VideoSettings) -> Key:
    """Return what is processed and how, as values for JSON; raises ImageError."""
    source = str(task.source)
    return {
        'input': describe_input(files_of(source)),
        'rate': settings.rate if is_numbered(source) else None,
        'selection': describe_selection(settings.selection),
        'formats': sorted(settings.formats),
        'quality': settings.quality,
        **describe_network(estimator, settings.observation),
    }


def _write_results(
    task: Task,
    folder: Path,
    estimator: PoseEstimator,
    settings: VideoSettings,
    watcher: Watcher,
) -> VideoSummary:
    """Process a video, write its results into a folder, and return what was in it."""
    formats, observation = settings.formats, settings.observation
    name, max_pixels = str(task.source), observation.poses.max_image_pixels
    with open_frames(name, rate=settings.rate, max_pixels=max_pixels) as source:
        intact = IntactFrames(source)
        with Outputs(
            json_lines=folder / 'poses.jsonl' if 'jsonl' in formats else None,
            csv=folder / 'poses.csv' if 'csv' in formats else None,
        ) as outputs:
            job = Job(
                estimator=estimator,
                quality=settings.quality,
                attention=observation.attention,
                tracking=observation.tracking,
                track=False,
                rate=settings.rate,
                selection=settings.selection,
                outputs=outputs,
                annotated=AnnotatedFiles(folder) if 'mp4' in formats else None,
            )
            run = VideoRun(intact, job, watcher)
            summary = run.run()
            run.note_missing_ids()
        return replace(summary, damage=intact.damage)
