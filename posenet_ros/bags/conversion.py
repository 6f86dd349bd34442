"""
The conversion of one bag: reads the images, finds and tracks people, and writes their poses.

The new bag grows in a folder of its own beside the target, which gets its name when it is
complete, so there is never half a bag. The journal in that folder has what the network found. A
conversion that is started again after it was killed reads the bag from the start, but takes what
is in the journal instead of running the network, and tracks people through these images, too. So
the result is the same as without the interruption.
"""

import contextlib
from dataclasses import asdict, replace
import json
from pathlib import Path
import shutil

from posenet_ros.bags.conversion_run import (
    ConversionRun,
    ConversionSettings,
    METADATA_KEY,
    Watcher,
)
from posenet_ros.bags.image_topics import choose_cameras
from posenet_ros.bags.journal import Journal
from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.bags.storage.recording import is_bag_folder, open_recording, storage_files
from posenet_ros.bags.summary import from_text, Summary, to_text
from posenet_ros.errors import BagError
from posenet_ros.estimation.estimator import PoseEstimator

# Changes when a journal or a bag of an earlier release must not be used any more.
_FORMAT = 1


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
    cannot be read, if it has none of the images, or if the target cannot be written or is
    something else.
    """
    if not source.exists():
        raise BagError(f'cannot open {source}: it does not exist')
    key = _key(source, estimator, settings)
    work = target.with_name(f'{target.name}.unfinished')
    if target.exists():
        finished = _read_summary(target, key)
        shutil.rmtree(work, ignore_errors=True)
        return finished
    types = load_message_types()
    with open_recording(source) as recording:
        choice = choose_cameras(recording, settings.topics, types)
        for notice in choice.notices:
            watcher.notice(notice)
        watcher.begin(source, sum(camera.image_count for camera in choice.cameras))
        with contextlib.closing(_open_journal(work, key)) as journal:
            run = ConversionRun(recording, choice.cameras, types, journal, watcher)
            folder = work / target.name
            summary = run.write(folder, estimator, settings, lambda summary: to_text(key, summary))
            folder.replace(target)
    shutil.rmtree(work, ignore_errors=True)
    return summary


def _key(source: Path, estimator: PoseEstimator, settings: ConversionSettings) -> str:
    """Return what is converted and how, as JSON, which differs for any other result."""
    network = estimator.network
    observation = settings.observation
    return json.dumps(
        {
            'format': _FORMAT,
            'files': [(file.name, file.stat().st_size) for file in storage_files(source)],
            'topics': settings.topics,
            'copy': settings.copy,
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


def _open_journal(work: Path, key: str) -> Journal:
    try:
        return Journal(work / 'journal', key)
    except OSError as error:
        raise BagError(f'cannot write {work}: {error.strerror}') from error
