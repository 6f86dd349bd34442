"""Poses drawn onto an image."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.drawing.skeletons import line_width, shown_skeletons, Skeleton
from posenet_ros.poses import Pose

_OUTLINE = (20, 20, 20)

# OpenCV's drawing functions need 16-bit coordinates, but keypoints can be anywhere.
_MAX_COORDINATE = 30_000


def draw_poses(
    image: NDArray[np.uint8], poses: Sequence[Pose], settings: DrawingSettings | None = None
) -> NDArray[np.uint8]:
    """
    Return a copy of an image, uint8 RGB [H, W, 3], with a skeleton on each person.

    The poses are in pixels of the image. People and keypoints below the minimum scores of the
    settings are not drawn. A limb is drawn only if both of its ends are.
    """
    canvas = image.copy()
    height, width = image.shape[:2]
    thickness = max(1, round(line_width((height, width))))
    for skeleton in shown_skeletons(poses, settings or DrawingSettings()):
        _draw_skeleton(canvas, skeleton, thickness)
    return canvas


def _draw_skeleton(canvas: NDArray[np.uint8], skeleton: Skeleton, width: int) -> None:
    for thickness, shade in ((width + 2, _OUTLINE), (width, skeleton.colour)):
        for start, end in _pixels(skeleton.limbs):
            cv2.line(canvas, start, end, shade, thickness, cv2.LINE_AA)
    for point in _pixels(skeleton.keypoints):
        cv2.circle(canvas, point, width + 2, _OUTLINE, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(canvas, point, width + 1, skeleton.colour, cv2.FILLED, cv2.LINE_AA)


def _pixels(points: NDArray[np.float64]) -> list[Any]:
    """Return the nearest pixels at which OpenCV can draw, with the same nesting as the points."""
    nearest = np.rint(points).clip(-_MAX_COORDINATE, _MAX_COORDINATE)
    pixels: list[Any] = nearest.astype(int).tolist()
    return pixels
