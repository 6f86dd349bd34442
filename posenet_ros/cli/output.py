"""What the `posenet` command prints: results as JSON or as a table, and messages."""

from dataclasses import asdict, dataclass
import io
import json
import os
from pathlib import Path
import sys
from typing import TextIO

from posenet_ros.boxes import box_of
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose


class OutputError(Exception):
    """Standard output cannot be written."""


@dataclass(frozen=True)
class ImageResult:
    """The poses in an image file, and the network that found them. Sizes are (height, width)."""

    path: Path
    image_size: Size
    model: str
    output_stride: int
    #: Size of the network input in network pixels.
    input_size: Size
    #: Keypoints are (x, y) in image pixels.
    poses: list[Pose]
    #: Whether people get ids.
    tracked: bool


def print_json(result: ImageResult) -> None:
    """Print a result as one line of JSON, with numbers in full precision."""
    height, width = result.image_size
    fields = {
        'image': str(result.path),
        'width': width,
        'height': height,
        'model': result.model,
        'output_stride': result.output_stride,
        'input_size': result.input_size,
        'poses': [
            {
                'track_id': pose.track_id,
                'score': pose.score,
                'box': _box_fields(pose, result.image_size),
                'keypoints': [
                    {'part': part, 'x': x, 'y': y, 'score': score}
                    for part, (x, y), score in zip(
                        PART_NAMES,
                        pose.keypoints.tolist(),
                        pose.keypoint_scores.tolist(),
                        strict=True,
                    )
                ],
            }
            for pose in result.poses
        ],
    }
    print_text(json.dumps(fields))


def _box_fields(pose: Pose, image_size: Size) -> dict[str, float] | None:
    """Return the coordinates of a person's box in image pixels; None if it is not known."""
    box = box_of(pose, image_size)
    return asdict(box) if box else None


def print_table(result: ImageResult) -> None:
    """Print a result as a table for people, with rounded numbers."""
    height, width = result.image_size
    people = 'person' if len(result.poses) == 1 else 'people'
    lines = [f'{result.path} ({width}x{height}): {len(result.poses)} {people}']
    for number, pose in enumerate(result.poses, 1):
        lines.append(f'  person {number}{_id_text(pose, result)}, score {pose.score:.3f}')
        for part, (x, y), score in zip(
            PART_NAMES, pose.keypoints, pose.keypoint_scores, strict=True
        ):
            lines.append(f'    {part:15} x {x:7.1f}  y {y:7.1f}  score {score:.3f}')
    print_text('\n'.join(lines))


def _id_text(pose: Pose, result: ImageResult) -> str:
    """Return the part of a person's line about the id; empty if people are not tracked."""
    if not result.tracked:
        return ''
    return f', id {pose.track_id}' if pose.track_id else ', no id'


def print_text(text: str) -> None:
    """Print lines to standard output at once; raises OutputError."""
    try:
        print(text, flush=True)
    except OSError as error:
        _discard(sys.stdout)
        raise OutputError(f'cannot write to standard output: {error.strerror}') from error


def prepare_streams() -> None:
    """
    Make standard output and standard error accept any text.

    Text that their encoding cannot express, such as a file name that is not UTF-8, is printed with
    escapes. If one was closed when the program started, Python has None for it: then output fails
    as with any other file that cannot be written, and messages are discarded.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), 'w')
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), 'w')
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def print_message(message: object) -> None:
    """Print an error or a warning to standard error, if that can be written."""
    try:
        print(f'posenet: {message}', file=sys.stderr)
    except OSError:
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    """Discard what was and will be printed; Python flushes it at its end, and would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
