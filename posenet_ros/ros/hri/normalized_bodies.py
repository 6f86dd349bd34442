"""
A person in an image, normalized as ROS4HRI has it: x and y from 0 to 1.

The dataclasses have the fields of the messages of hri_msgs, which this module does not need.
0 is the left or upper edge of the image and 1 the right or lower one, so half a pixel is added to
positions in a `Pose`, whose origin is the centre of the top left pixel.
"""

from dataclasses import dataclass
import math

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.msg import Pose, PoseArray


@dataclass(frozen=True)
class PointOfInterest:
    """A body part: the fields of NormalizedPointOfInterest2D."""

    x: float
    y: float
    #: Confidence, 0 to 1.
    c: float


@dataclass(frozen=True)
class RegionOfInterest:
    """The box around a person: the fields of NormalizedRegionOfInterest2D."""

    xmin: float
    ymin: float
    xmax: float
    ymax: float
    #: Confidence, 0 to 1.
    c: float


_NECK = 'neck'
#: The body parts of Skeleton2D in its order. The eyes and ears are left before right, and so
#: differ from OpenPose, whose convention the message follows otherwise.
SKELETON_2D = (
    'nose',
    _NECK,
    'right_shoulder',
    'right_elbow',
    'right_wrist',
    'left_shoulder',
    'left_elbow',
    'left_wrist',
    'right_hip',
    'right_knee',
    'right_ankle',
    'left_hip',
    'left_knee',
    'left_ankle',
    'left_eye',
    'right_eye',
    'left_ear',
    'right_ear',
)
_UNKNOWN = PointOfInterest(0.0, 0.0, 0.0)


def region_of(pose: Pose, image: PoseArray) -> RegionOfInterest | None:
    """Return the box of a person in an image with the score of the pose; None if not known."""
    corners = [pose.x_min, pose.y_min, pose.x_max, pose.y_max]
    if not all(map(math.isfinite, corners)):
        return None
    width, height = image.image_width, image.image_height
    xmin, ymin, xmax, ymax = (
        _clipped((corner + 0.5) / size)
        for corner, size in zip(corners, (width, height, width, height), strict=True)
    )
    return RegionOfInterest(xmin, ymin, xmax, ymax, _clipped(pose.score))


def skeleton_of(pose: Pose, image: PoseArray) -> list[PointOfInterest]:
    """
    Return the 18 points of a person in an image, in the order of `SKELETON_2D`.

    The neck is the middle between the shoulders, with the lower one of their scores. A point
    outside the image is clipped to its edge, and has the confidence 0, as it is not there.
    """
    parts = {
        name: (keypoint.x, keypoint.y, keypoint.score)
        for name, keypoint in zip(PART_NAMES, pose.keypoints, strict=True)
    }
    left, right = parts['left_shoulder'], parts['right_shoulder']
    neck = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2, min(left[2], right[2])
    parts[_NECK] = neck
    return [_point(parts[name], image) for name in SKELETON_2D]


def _point(part: tuple[float, float, float], image: PoseArray) -> PointOfInterest:
    x = (part[0] + 0.5) / image.image_width
    y = (part[1] + 0.5) / image.image_height
    if not (math.isfinite(x) and math.isfinite(y)):
        return _UNKNOWN
    inside = 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0
    return PointOfInterest(_clipped(x), _clipped(y), _clipped(part[2]) if inside else 0.0)


def _clipped(value: float) -> float:
    return min(max(value, 0.0), 1.0)
