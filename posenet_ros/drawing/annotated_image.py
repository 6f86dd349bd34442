"""Poses drawn onto an image."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.drawing.drawing_settings import DrawingSettings
from posenet_ros.drawing.skeletons import (
    is_in_image,
    label_height,
    line_width,
    shown_skeletons,
    Skeleton,
)
from posenet_ros.poses import Pose

_OUTLINE = (20, 20, 20)

# OpenCV's drawing functions need 16-bit coordinates, but keypoints can be anywhere.
_MAX_COORDINATE = 30_000

_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_poses(
    image: NDArray[np.uint8],
    poses: Sequence[Pose],
    settings: DrawingSettings | None = None,
    *,
    tracked: bool = False,
) -> NDArray[np.uint8]:
    """
    Return a copy of an image, uint8 RGB [H, W, 3], with a skeleton on each person.

    The poses are in pixels of the image. People and keypoints below the minimum scores of the
    settings are not drawn. A limb is drawn only if both of its ends are. If people are `tracked`,
    the track id of a person is drawn above the head, a person keeps the colour as long as the id,
    and people without an id are grey. If not, colours follow the order of the poses.
    """
    canvas = image.copy()
    height, width = image.shape[:2]
    thickness = max(1, round(line_width((height, width))))
    skeletons = shown_skeletons(poses, settings or DrawingSettings(), tracked=tracked)
    for skeleton in skeletons:
        _draw_skeleton(canvas, skeleton, thickness)
    for skeleton in skeletons:  # above all lines
        if skeleton.label:
            _draw_label(canvas, skeleton, thickness)
    return canvas


def _draw_skeleton(canvas: NDArray[np.uint8], skeleton: Skeleton, width: int) -> None:
    for thickness, shade in ((width + 2, _OUTLINE), (width, skeleton.colour)):
        for start, end in _pixels(skeleton.limbs):
            cv2.line(canvas, start, end, shade, thickness, cv2.LINE_AA)
    for point in _pixels(skeleton.keypoints):
        cv2.circle(canvas, point, width + 2, _OUTLINE, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(canvas, point, width + 1, skeleton.colour, cv2.FILLED, cv2.LINE_AA)


def _draw_label(canvas: NDArray[np.uint8], skeleton: Skeleton, thickness: int) -> None:
    """Draw the label above the head, inside the image, if any keypoint is inside it."""
    height, width = canvas.shape[:2]
    if not is_in_image(skeleton, (height, width)):
        return
    letters = max(1, round(label_height((height, width))))
    scale = cv2.getFontScaleFromHeight(_FONT, letters, thickness)
    (length, letters), _ = cv2.getTextSize(skeleton.label, _FONT, scale, thickness)
    x, y = skeleton.top
    outline = 3 * thickness
    # How far the outline goes beyond the text.
    margin = outline // 2 + 1
    # Of the lower left corner of the text. If an image is too small, the label is cut at the right
    # and at the bottom.
    corner = np.array([x - length / 2, y - letters / 2])
    highest = margin, letters + margin
    lowest = width - 1 - margin - length, height - 1 - margin
    (left, low) = _pixels(corner.clip(highest, np.maximum(highest, lowest)))
    for stroke, shade in ((outline, _OUTLINE), (thickness, skeleton.colour)):
        cv2.putText(canvas, skeleton.label, (left, low), _FONT, scale, shade, stroke, cv2.LINE_AA)


def _pixels(points: NDArray[np.float64]) -> list[Any]:
    """Return the nearest pixels at which OpenCV can draw, with the same nesting as the points."""
    nearest = np.rint(points).clip(-_MAX_COORDINATE, _MAX_COORDINATE)
    pixels: list[Any] = nearest.astype(int).tolist()
    return pixels
