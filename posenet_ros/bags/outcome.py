"""What became of one image, and how the journal of a conversion notes it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
import json
from typing import Any

import numpy as np

from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose

_PARTS = len(PART_NAMES)


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What the network found in an image, without ids; or why it found nothing."""

    #: The image: its topic, and when it was recorded, in nanoseconds.
    topic: str
    time: int
    #: (height, width) of the image; None if it could not be read.
    size: Size | None = None
    #: In pixels of the image.
    poses: list[Pose] = field(default_factory=list)
    #: Of a closer look; see `Observation`. The rest is empty unless somebody was left out.
    searched: bool = False
    looked_at: list[Pose] = field(default_factory=list)
    left_out: list[Pose] = field(default_factory=list)
    #: Why the image was refused; empty if it was not.
    refusal: str = ''


def to_line(outcome: Outcome) -> bytes:
    """Return an outcome as a line of JSON, with numbers in full precision."""
    fields: dict[str, Any] = {'topic': outcome.topic, 'time': outcome.time, 'size': outcome.size}
    for name in ('poses', 'looked_at', 'left_out'):
        fields[name] = _encode(getattr(outcome, name))
    fields |= {'searched': outcome.searched, 'refusal': outcome.refusal}
    return json.dumps(fields).encode() + b'\n'


def from_line(line: bytes) -> Outcome | None:
    """Return the outcome in a line; None if the line is not complete."""
    try:
        fields = json.loads(line)
        size = fields['size']
        return Outcome(
            topic=fields['topic'],
            time=fields['time'],
            size=(size[0], size[1]) if size else None,
            poses=_decode(fields['poses']),
            searched=fields['searched'],
            looked_at=_decode(fields['looked_at']),
            left_out=_decode(fields['left_out']),
            refusal=fields['refusal'],
        )
    except (ValueError, LookupError, TypeError):
        return None


def _encode(poses: Sequence[Pose]) -> str:
    """Return poses as base64 of float64 [people, 1 + 2 * 17 + 17]: score, x and y, scores."""
    numbers = [[one.score, *one.keypoints.ravel(), *one.keypoint_scores] for one in poses]
    return base64.b64encode(np.array(numbers, '<f8').tobytes()).decode()


def _decode(text: str) -> list[Pose]:
    if not text:
        return []
    numbers = np.frombuffer(base64.b64decode(text, validate=True), '<f8')
    people = np.split(numbers.reshape(-1, 1 + 3 * _PARTS), [1, 1 + 2 * _PARTS], axis=1)
    return [
        Pose(
            score=float(score[0]),
            keypoints=keypoints.reshape(_PARTS, 2).astype(np.float64),
            keypoint_scores=scores.astype(np.float32),
        )
        for score, keypoints, scores in zip(*people, strict=True)
    ]
