"""What `posenet estimate --output` notes about a video beside its results."""

from collections.abc import Mapping
import contextlib
from dataclasses import asdict
import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.cli.estimation.batch.option_differences import describe_differences
from posenet_ros.cli.estimation.video_summary import VideoSummary
from posenet_ros.errors import PosenetError
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.image_files import image_file_errors
from posenet_ros.regular_files import read_regular_file, write_whole_file
from posenet_ros.videos.frames import FrameSelection

#: The file in the folder of a video.
RECORD = 'summary.json'

# Changes when the results of an earlier release must not count as those of the same command.
_FORMAT = 1
_MAX_BYTES = 2**20
# Of the beginning and of the end of a file, for its checksum.
_SAMPLE_BYTES = 2**16

#: What was processed, and how; it differs for any other result.
Key = Mapping[str, Any]


def describe_input(files: list[Path]) -> Key:
    """
    Return what distinguishes the files of a video from others; raises ImageError.

    The checksum is of the sizes, beginnings and ends of the files: videos can have many gigabytes.
    """
    size = 0
    checksum = hashlib.sha256()
    for path in files:
        with image_file_errors(path), open(path, 'rb') as file:
            length = file.seek(0, os.SEEK_END)
            checksum.update(f'{length} '.encode())
            for start in (0, max(0, length - _SAMPLE_BYTES)):
                file.seek(start)
                checksum.update(file.read(_SAMPLE_BYTES))
        size += length
    return {
        'name': files[0].name,
        'files': len(files),
        'bytes': size,
        'checksum': checksum.hexdigest(),
    }


def describe_selection(selection: FrameSelection) -> Key:
    """Return which frames are processed; JSON has no infinity."""
    end = None if math.isinf(selection.end) else selection.end
    return asdict(selection) | {'end': end}


def describe_network(estimator: PoseEstimator, observation: ObservationSettings) -> Key:
    """Return how the people in a frame are found and followed."""
    network = estimator.network
    return {
        'model': network.model,
        'output_stride': network.output_stride,
        'graph': network.graph.name,
        **asdict(observation),
    }


def write_record(folder: Path, key: Key, summary: VideoSummary) -> None:
    """Note what was processed into the folder with its results; raises OSError."""
    content = {'summary': asdict(summary), 'command': {'format': _FORMAT, **key}}
    write_whole_file(folder / RECORD, json.dumps(content, indent=1).encode() + b'\n')


def read_record(folder: Path, key: Key) -> VideoSummary:
    """
    Return the summary that was noted in a folder with results.

    Raises PosenetError if they are not the results of the same command; the message has the
    differences.
    """
    command, noted = json.loads(json.dumps({'format': _FORMAT, **key})), None
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        content = json.loads(read_regular_file(folder / RECORD, max_bytes=_MAX_BYTES))
        noted = content['command']
        if noted == command:
            return VideoSummary(**content['summary'])
    raise PosenetError(
        f'{folder} exists, and is not what this command would write: '
        f'{describe_differences(noted, command)}; use the same options, choose another --output, '
        'or move it away'
    )
