"""The poses in an image or a frame of a video, as JSON or printed as a table."""

from dataclasses import asdict, dataclass
import json
from typing import Any

from posenet_ros.boxes import box_of
from posenet_ros.cli.output import print_text
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose


@dataclass(frozen=True)
class Moment:
    """Where a frame is in its video."""

    #: Number of the frame in the whole video, from 0 up.
    frame: int
    #: Seconds from the start of the video.
    time: float


@dataclass(frozen=True)
class ImageResult:
    """The poses in an image, and the network that found them. Sizes are (height, width)."""

    #: The image file, or the name of the video.
    source: str
    #: None for a single image.
    moment: Moment | None
    image_size: Size
    quality: str
    model: str
    output_stride: int
    #: Size of the network input in network pixels.
    input_size: Size
    #: Keypoints are (x, y) in image pixels.
    poses: list[Pose]
    #: Whether people get ids.
    tracked: bool


def to_json(result: ImageResult) -> str:
    """Return a result as one line of JSON, with numbers in full precision."""
    height, width = result.image_size
    fields: dict[str, Any] = {'image': result.source}
    if result.moment is not None:
        moment = result.moment
        fields = {'video': result.source, 'frame': moment.frame, 'time': moment.time}
    fields |= {
        'width': width,
        'height': height,
        'quality': result.quality,
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
    return json.dumps(fields)


def _box_fields(pose: Pose, image_size: Size) -> dict[str, float] | None:
    """Return the coordinates of a person's box in image pixels; None if it is not known."""
    box = box_of(pose, image_size)
    return asdict(box) if box else None


def print_table(result: ImageResult) -> None:
    """Print a result as a table for people, with rounded numbers."""
    height, width = result.image_size
    people = 'person' if len(result.poses) == 1 else 'people'
    lines = [f'{result.source} ({width}x{height}): {len(result.poses)} {people}']
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
