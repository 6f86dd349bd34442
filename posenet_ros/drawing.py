"""Poses drawn onto an image."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import SKELETON
from posenet_ros.poses import Pose
from posenet_ros.settings import DrawingSettings

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
_OUTLINE = (20, 20, 20)

# A line is one pixel wide for this many pixels of the image's shorter side.
_PIXELS_PER_LINE_WIDTH = 160

# OpenCV draws with 16 bits of pixels; keypoints may lie anywhere.
_FARTHEST = 30_000


def draw_poses(
    image: NDArray[np.uint8], poses: Sequence[Pose], settings: DrawingSettings | None = None
) -> NDArray[np.uint8]:
    """
    Return a copy of an image, uint8 RGB [H, W, 3], with a skeleton on each person.

    Positions are in pixels of the image. People and keypoints below the settings' scores are
    left out, and so is a limb with an end left out.
    """
    settings = settings or DrawingSettings()
    canvas = image.copy()
    width = max(1, round(min(image.shape[:2]) / _PIXELS_PER_LINE_WIDTH))
    drawn = [pose for pose in poses if pose.score >= settings.draw_min_pose_score]
    for person, pose in enumerate(drawn):
        colour = _COLOURS[person % len(_COLOURS)]
        _draw_pose(canvas, pose, colour, width, settings.draw_min_keypoint_score)
    return canvas


def _draw_pose(
    canvas: NDArray[np.uint8],
    pose: Pose,
    colour: tuple[int, int, int],
    width: int,
    min_score: float,
) -> None:
    points = np.rint(pose.keypoints).clip(-_FARTHEST, _FARTHEST).astype(int).tolist()
    seen = (pose.keypoint_scores >= min_score).tolist()
    limbs = [(points[a], points[b]) for a, b in SKELETON if seen[a] and seen[b]]
    for thickness, shade in ((width + 2, _OUTLINE), (width, colour)):
        for start, end in limbs:
            cv2.line(canvas, start, end, shade, thickness, cv2.LINE_AA)
    for point, visible in zip(points, seen, strict=True):
        if visible:
            cv2.circle(canvas, point, width + 2, _OUTLINE, cv2.FILLED, cv2.LINE_AA)
            cv2.circle(canvas, point, width + 1, colour, cv2.FILLED, cv2.LINE_AA)
