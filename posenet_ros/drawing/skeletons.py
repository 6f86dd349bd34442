"""Skeletons: the keypoints and limbs that annotated images and markers show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.drawing.colours import Colour, colour_of
from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import SKELETON
from posenet_ros.poses import Pose

# The shorter side of an image divided by the width of a line.
_LINE_WIDTHS_PER_SIDE = 160

_LIMBS = np.array(SKELETON)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """The shown keypoints and limbs of one person, at the positions in the pose."""

    #: The person's index in the poses.
    person: int
    #: Positions of the shown keypoints, float64 [N, 2], each row (x, y).
    keypoints: NDArray[np.float64]
    #: Both ends of each shown limb, float64 [M, 2, 2]: limb, end, (x, y).
    limbs: NDArray[np.float64]

    @property
    def colour(self) -> Colour:
        """Return the person's colour, RGB, 0 to 255."""
        return colour_of(self.person)


def shown_skeletons(poses: Sequence[Pose], settings: DrawingSettings) -> list[Skeleton]:
    """
    Return the skeleton of each person to show, in the order of the poses.

    People and keypoints below the minimum scores are not shown, nor are keypoints whose position
    is not finite. A limb is shown only if both of its ends are.
    """
    return [
        _skeleton(person, pose, settings.draw_min_keypoint_score)
        for person, pose in enumerate(poses)
        if pose.score >= settings.draw_min_pose_score
    ]


def line_width(image_size: Size) -> float:
    """Return the width of a limb in an image of (height, width), in pixels."""
    return min(image_size) / _LINE_WIDTHS_PER_SIDE


def _skeleton(person: int, pose: Pose, min_score: float) -> Skeleton:
    shown = (pose.keypoint_scores >= min_score) & np.isfinite(pose.keypoints).all(axis=1)
    limbs = _LIMBS[shown[_LIMBS].all(axis=1)]
    return Skeleton(person, pose.keypoints[shown], pose.keypoints[limbs])
