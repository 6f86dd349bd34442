"""What is shown of people, in which colour: the same on images and in markers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import SKELETON
from posenet_ros.poses import Pose

# A colour for each person in turn, RGB: bright ones that differ also for the colour-blind
# (Okabe and Ito, 2008).
_COLOURS = (
    (0, 158, 115),
    (230, 159, 0),
    (86, 180, 233),
    (240, 228, 66),
    (204, 121, 167),
    (213, 94, 0),
    (0, 114, 178),
)

# A line is one pixel wide for this many pixels of the image's shorter side.
_PIXELS_PER_LINE_WIDTH = 160

_LIMBS = np.array(SKELETON)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """What is shown of one person; positions are in the frame of the pose."""

    #: The person's index in the poses.
    person: int
    #: Positions of the keypoints that are shown, float64 [N, 2], each row (x, y).
    keypoints: NDArray[np.float64]
    #: Both ends of each limb that is shown, float64 [M, 2, 2]: limb, end, (x, y).
    limbs: NDArray[np.float64]

    @property
    def colour(self) -> tuple[int, int, int]:
        """Return the person's colour, RGB, 0 to 255."""
        return _COLOURS[self.person % len(_COLOURS)]


def shown_skeletons(poses: Sequence[Pose], settings: DrawingSettings) -> list[Skeleton]:
    """
    Return a skeleton for each person to show, in the order of the poses.

    People and keypoints below the settings' scores are left out, keypoints whose position is not
    finite too, and so is a limb with an end left out.
    """
    return [
        _skeleton(person, pose, settings.draw_min_keypoint_score)
        for person, pose in enumerate(poses)
        if pose.score >= settings.draw_min_pose_score
    ]


def line_width(image_size: Size) -> float:
    """Return how wide a limb is in an image of (height, width), in pixels of it."""
    return min(image_size) / _PIXELS_PER_LINE_WIDTH


def _skeleton(person: int, pose: Pose, min_score: float) -> Skeleton:
    seen = (pose.keypoint_scores >= min_score) & np.isfinite(pose.keypoints).all(axis=1)
    limbs = _LIMBS[seen[_LIMBS].all(axis=1)]
    return Skeleton(person, pose.keypoints[seen], pose.keypoints[limbs])
