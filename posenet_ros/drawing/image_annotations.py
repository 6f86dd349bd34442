"""
Skeletons as annotations of an image, for Foxglove.

The dataclasses have the fields of the messages of the same names in the package foxglove_msgs, so
that a node and a writer of bags can fill these messages in the same way. The stamp is not among
them: all annotations of an image have that of the image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose

#: Values of `PointsAnnotation.type`: the constants of the message.
POINTS, LINE_LIST = 1, 4

# Diameter of a keypoint in line widths: about the same proportion as in draw_poses.
_LINES_PER_POINT = 3.0
# The digits of a font are about 0.7 times as high and 0.6 times as wide as its size.
_DIGIT_HEIGHT, _DIGIT_WIDTH = 0.7, 0.6
# The origin of annotations is the corner of the top left pixel, and that of keypoints its centre.
_HALF_PIXEL = 0.5


@dataclass(frozen=True)
class Color:
    """A colour: red, green, blue and opacity, 0 to 1."""

    r: float
    g: float
    b: float
    a: float = 1.0


@dataclass(frozen=True)
class Point2:
    """A point in pixels of the image; (0, 0) is the corner of the top left pixel."""

    x: float
    y: float


@dataclass(frozen=True)
class PointsAnnotation:
    """Points of one person: the keypoints (POINTS), or both ends of each limb (LINE_LIST)."""

    type: int  # noqa: A003  (its name in the message)
    points: tuple[Point2, ...]
    outline_color: Color
    fill_color: Color
    #: Width of the lines, or diameter of the points, in pixels.
    thickness: float


@dataclass(frozen=True)
class TextAnnotation:
    """The id of a person, above the head."""

    #: The lower left corner of the text.
    position: Point2
    text: str
    #: In pixels.
    font_size: float
    text_color: Color
    background_color: Color


@dataclass(frozen=True)
class ImageAnnotations:
    """All annotations of an image; circles are not used."""

    points: tuple[PointsAnnotation, ...]
    texts: tuple[TextAnnotation, ...]


_BACKGROUND = Color(0.08, 0.08, 0.08, 0.6)


def image_annotations(
    poses: Sequence[Pose],
    image_size: Size,
    settings: DrawingSettings | None = None,
    *,
    tracked: bool,
) -> ImageAnnotations:
    """
    Return the annotations for the poses in an image of (height, width).

    They show the same people, keypoints, limbs, ids and colours as `draw_poses` with the same
    arguments. The poses are in pixels of the image.
    """
    skeletons = shown_skeletons(poses, settings or DrawingSettings(), tracked=tracked)
    return ImageAnnotations(
        points=tuple(part for one in skeletons for part in _points(one, image_size)),
        texts=tuple(
            _label(one, image_size)
            for one in skeletons
            if one.label and is_in_image(one, image_size)
        ),
    )


def _points(skeleton: Skeleton, image_size: Size) -> list[PointsAnnotation]:
    """Return the annotations of a person's limbs and keypoints, without those without points."""
    colour, width = _colour(skeleton), line_width(image_size)
    return [
        PointsAnnotation(kind, _to_points(places), colour, colour, thickness)
        for kind, places, thickness in (
            (LINE_LIST, skeleton.limbs.reshape(-1, 2), width),
            (POINTS, skeleton.keypoints, _LINES_PER_POINT * width),
        )
        if len(places)
    ]


def _label(skeleton: Skeleton, image_size: Size) -> TextAnnotation:
    """Return a person's id, above the head and inside the image as far as it fits."""
    height, width = image_size
    digits = label_height(image_size)
    size = digits / _DIGIT_HEIGHT
    length = size * _DIGIT_WIDTH * len(skeleton.label)
    x, y = skeleton.top
    corner = np.array([x - length / 2, y - digits / 2])
    farthest = np.array([width - length, height - 1.0])
    (position,) = _to_points(corner.clip((0.0, digits), np.maximum(farthest, (0.0, digits)))[None])
    return TextAnnotation(position, skeleton.label, size, _colour(skeleton), _BACKGROUND)


def _colour(skeleton: Skeleton) -> Color:
    red, green, blue = (share / 255 for share in skeleton.colour)
    return Color(red, green, blue)


def _to_points(places: NDArray[np.float64]) -> tuple[Point2, ...]:
    """Return positions in image pixels, float64 [N, 2], as points of annotations."""
    return tuple(Point2(x, y) for x, y in (places + _HALF_PIXEL).tolist())
