"""Skeletons: the keypoints and limbs that annotated images and markers show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.drawing.colours import Colour, colour_of, NEUTRAL
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import SKELETON
from posenet_ros.poses import Pose

# The shorter side of an image divided by the width of a line.
_LINE_WIDTHS_PER_SIDE = 160

# The shorter side of an image divided by the height of the digits of a label.
_LABELS_PER_SIDE = 24
# In pixels; smaller digits are hard to read.
_MIN_LABEL_HEIGHT = 10.0

_LIMBS = np.array(SKELETON)
# Nose, eyes and ears.
_HEAD = slice(0, 5)
# Height of the forehead and the hair, as a share of the distance between the ears.
_FOREHEAD = 0.7


@dataclass(frozen=True, eq=False)
class Skeleton:
    """The shown keypoints and limbs of one person, at the positions in the pose."""

    #: A number that nobody else in the image has. With tracking, it is the track id, or a negative
    #: number for a person without an id. Without tracking, it is the index in the poses.
    number: int
    #: Index of the person in the poses.
    index: int
    #: The body parts of the shown keypoints, int [N], and of the ends of the limbs, int [M, 2].
    parts: NDArray[np.intp]
    limb_parts: NDArray[np.intp]
    #: Positions of the shown keypoints, float64 [N, 2], each row (x, y).
    keypoints: NDArray[np.float64]
    #: Both ends of each shown limb, float64 [M, 2, 2]: limb, end, (x, y).
    limbs: NDArray[np.float64]
    #: The track id, as text; empty if there is none to show, or no keypoint.
    label: str
    #: The top of the head, (x, y): the label belongs above it. NaN if no keypoint is shown.
    top: tuple[float, float]

    @property
    def colour(self) -> Colour:
        """Return the person's colour, RGB, 0 to 255."""
        return NEUTRAL if self.number < 0 else colour_of(self.number)


def shown_skeletons(
    poses: Sequence[Pose], settings: DrawingSettings, *, tracked: bool
) -> list[Skeleton]:
    """
    Return the skeleton of each person to show, in the order of the poses.

    People and keypoints below the minimum scores are not shown, nor are keypoints whose position
    is not finite. A limb is shown only if both of its ends are. `tracked` tells whether people get
    ids: if so, those without one are grey; if not, colours follow the order of the poses.
    """
    return [
        _skeleton(pose, number, index, settings.draw_min_keypoint_score)
        for index, (pose, number) in enumerate(
            zip(poses, _numbers(poses, tracked=tracked), strict=True)
        )
        if pose.score >= settings.draw_min_pose_score
    ]


def is_in_image(skeleton: Skeleton, image_size: Size) -> bool:
    """Tell whether any shown keypoint is inside an image of (height, width)."""
    height, width = image_size
    inside = (skeleton.keypoints > -0.5) & (skeleton.keypoints < (width - 0.5, height - 0.5))
    return bool(inside.all(axis=1).any())


def line_width(image_size: Size) -> float:
    """Return the width of a limb in an image of (height, width), in pixels."""
    return min(image_size) / _LINE_WIDTHS_PER_SIDE


def label_height(image_size: Size) -> float:
    """Return the height of a label's digits in an image of (height, width), in pixels."""
    return max(min(image_size) / _LABELS_PER_SIDE, _MIN_LABEL_HEIGHT)


def _numbers(poses: Sequence[Pose], *, tracked: bool) -> list[int]:
    """Return the number of each person; see `Skeleton.number`."""
    if not tracked:
        return list(range(len(poses)))
    return [pose.track_id or -1 - index for index, pose in enumerate(poses)]


def _skeleton(pose: Pose, number: int, index: int, min_score: float) -> Skeleton:
    shown = (pose.keypoint_scores >= min_score) & np.isfinite(pose.keypoints).all(axis=1)
    limbs = _LIMBS[shown[_LIMBS].all(axis=1)]
    head, body = pose.keypoints[_HEAD][shown[_HEAD]], pose.keypoints[shown]
    return Skeleton(
        number,
        index,
        np.nonzero(shown)[0],
        limbs,
        body,
        pose.keypoints[limbs],
        label=str(pose.track_id) if pose.track_id and len(body) else '',
        top=_top(head if len(head) else body),
    )


def _top(points: NDArray[np.float64]) -> tuple[float, float]:
    """Return the point above the middle of keypoints, (x, y); NaN if there are none."""
    if not len(points):
        return np.nan, np.nan
    (left, high), (right, _) = points.min(axis=0), points.max(axis=0)
    # The eyes are in the middle of a head, which is higher than wide.
    return float(left + right) / 2, float(high - _FOREHEAD * (right - left))
