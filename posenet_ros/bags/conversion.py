"""
The conversion of one bag: reads the images, finds and tracks people, and writes their poses.

The new bag grows in a folder of its own beside the target, and is renamed when it is complete. So
a process that is killed never leaves half a bag in the target. A power failure may, as nothing
waits until the files are on the disk. The journal in that folder has what the network found. A
conversion that is started again after it was killed reads the bag from the start, but takes what
is in the journal instead of running the network, and tracks people through these images, too. So
the result is the same as without the interruption.
"""

from collections.abc import Callable, Iterator
import contextlib
from dataclasses import asdict, replace
import json
from pathlib import Path
import shutil

from posenet_ros.bags.conversion_run import ConversionRun, METADATA_KEY
from posenet_ros.bags.conversion_settings import ConversionSettings
from posenet_ros.bags.image_topics import choose_cameras
from posenet_ros.bags.journal import Journal
from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.bags.storage.recording import is_bag_folder, open_recording, Recording
from posenet_ros.bags.summary import from_text, Summary, to_text
from posenet_ros.errors import BagError, PosenetError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.processes.tasks import Task, Work
from posenet_ros.processes.unfinished_folder import FolderInUseError, unfinished_name, write_errors
from posenet_ros.processes.watcher import Watcher

# Changes when a journal or a bag of an earlier release must not be used any more.
_FORMAT = 1


def load_conversion(
    load: Callable[[], PoseEstimator], settings: ConversionSettings
) -> Work[Summary]:
    """Load the network with `load`, and return what converts the bag of a task."""
    estimator = load()

    def convert(task: Task, watcher: Watcher) -> Summary:
        return convert_bag(task.source, task.target, estimator, settings, watcher)

    return convert


def convert_bag(
    source: Path,
    target: Path,
    estimator: PoseEstimator,
    settings: ConversionSettings,
    watcher: Watcher,
) -> Summary:
    """
    Write a new bag with the poses of the people in the images of a bag.

    If `target` is the result of the same conversion, nothing is done. Raises BagError if the bag
    cannot be read, if it has none of the images, or if the target is something else, and
    PosenetError if it cannot be written, or if another process is writing it.
    """
    with open_recording(source) as recording:
        key = _key(recording, estimator, settings)
        if target.exists():
            summary = _read_summary(target, key)
            _remove_work(unfinished_name(target), key)
            return summary
        types = load_message_types()
        choice = choose_cameras(recording, settings.topics, types)
        for notice in choice.notices:
            watcher.notice(notice)
        watcher.begin(source, sum(camera.image_count for camera in choice.cameras))
        try:
            with _work(unfinished_name(target), key) as journal:
                if target.exists():  # another process has finished since
                    return _read_summary(target, key)
                run = ConversionRun(recording, choice.cameras, types, journal, watcher)
                return _write(run, target, key, estimator, settings)
        except FolderInUseError:
            if not target.exists():
                raise
            return _read_summary(target, key)  # the other process has just completed it


def _write(
    run: ConversionRun,
    target: Path,
    key: str,
    estimator: PoseEstimator,
    settings: ConversionSettings,
) -> Summary:
    """Write the new bag, and rename it when it is complete."""
    # rosbags names the file in a bag after the bag's folder. rosbag2 adds _0 to that name, and
    # `ros2 bag reindex` accepts no other.
    folder = unfinished_name(target) / f'{target.name}_0'
    summary = run.write(folder, estimator, settings, lambda summary: to_text(key, summary))
    folder.replace(target)
    return summary


def _key(recording: Recording, estimator: PoseEstimator, settings: ConversionSettings) -> str:
    """Return what is converted and how, as JSON, which differs for any other result."""
    network = estimator.network
    observation = settings.observation
    return json.dumps(
        {
            'format': _FORMAT,
            'bag': recording.identity,
            'topics': settings.topics,
            'copy': settings.copy,
            'annotations': settings.annotations,
            'storage': settings.storage,
            'model': network.model,
            'output_stride': network.output_stride,
            'graph': network.graph.name,
            'poses': asdict(observation.poses),
            'attention': asdict(observation.attention),
            'tracking': asdict(observation.tracking),
        }
    )


def _read_summary(target: Path, key: str) -> Summary:
    """Return the summary in a bag that was written by this conversion; raises BagError."""
    if is_bag_folder(target):
        with open_recording(target) as recording:
            noted = recording.custom_data.get(METADATA_KEY, '')
        with contextlib.suppress(ValueError, LookupError, TypeError):
            known, summary = from_text(noted)
            if known == key:
                return replace(summary, existed=True)
    raise BagError(
        f'{target} exists, and is not what this command would write: it is from another bag, from '
        'other settings, or something else; name another folder, or move it away'
    )


@contextlib.contextmanager
def _work(folder: Path, key: str) -> Iterator[Journal]:
    """
    Lock the folder of unfinished work, and remove it after the block, unless that fails.

    Raises FolderInUseError if another process has it, and PosenetError if it has something else or
    cannot be written.
    """
    with write_errors(folder):
        journal = Journal(folder / 'journal', key)
    with contextlib.closing(journal):
        yield journal
        # Still locked: otherwise, this could be the work of the next process already.
        shutil.rmtree(folder, ignore_errors=True)


def _remove_work(folder: Path, key: str) -> None:
    """Remove the work that a finished conversion left when it was killed at its very end."""
    if folder.exists():
        with contextlib.suppress(PosenetError), _work(folder, key):
            pass  # if another process has it, that process will remove it
