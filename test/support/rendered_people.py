"""
Figures of capsules whose joints are known, and their depth images, for the tests of `spatial`.

Lengths are fractions of the stature (Drillis and Contini, 1966, in Winter, "Biomechanics and Motor
Control of Human Movement", figure 4.1). Radii are those of circles with the girths of adults:
wrist 17 cm, elbow 28, upper arm 35, ankle 23, knee 38, thigh 58. Limbs taper from joint to joint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import PART_NAMES

Array = NDArray[np.float64]

#: A D435's depth at 640 x 480: 79 x 64 degrees.
FOCAL_LENGTH, WIDTH, HEIGHT = 385.0, 640, 480
MATRIX = np.array([[FOCAL_LENGTH, 0, 319.5], [0, FOCAL_LENGTH, 239.5], [0, 0, 1]])

# Radii in metres of somebody of average build.
_SHOULDER, _ELBOW, _WRIST, _HAND = 0.056, 0.045, 0.027, 0.035
_HIP, _KNEE, _ANKLE, _FOOT = 0.092, 0.060, 0.037, 0.035
_TRUNK, _NECK = 0.105, 0.055
#: How far the surface may be from a visible joint, in metres, for the average build.
_SURFACE = {'shoulder': 0.12, 'hip': 0.14, 'knee': 0.08, 'elbow': 0.065}
_NEAR_SURFACE = 0.05
_PIECES = 4


@dataclass(frozen=True, eq=False)
class Capsule:
    """The points within `radius` of a line, in metres."""

    start: Array
    end: Array
    radius: float


@dataclass(frozen=True, kw_only=True)
class Posture:
    """
    Directions of the limbs, (x, y, z) of any length, for the left side; the right is mirrored.

    x points away from the body's middle, y down, and z backwards. Another direction for the right
    side has `right_` before its name.
    """

    upper_arm: tuple[float, float, float] = (0.25, 1, 0)
    forearm: tuple[float, float, float] = (0.25, 1, -0.1)
    thigh: tuple[float, float, float] = (0.08, 1, 0)
    shank: tuple[float, float, float] = (0.03, 1, 0.03)
    right: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)

    def direction(self, limb: str, side: float) -> Array:
        """Return the unit vector of a limb; `side` is 1 for the left one and -1 for the right."""
        given = self.right.get(limb) if side < 0 else None
        vector = np.array(given or getattr(self, limb), float)
        vector[0] *= side
        return np.asarray(vector / np.linalg.norm(vector), np.float64)


@dataclass(frozen=True, eq=False)
class Figure:
    """A person in metres in the optical frame."""

    #: float64 [17, 3].
    joints: Array
    capsules: Sequence[Capsule]
    #: How far the surface may be from each joint if the joint is visible, float64 [17].
    surfaces: Array


def stand(
    posture: Posture, *, place: Array, yaw: float = 0.0, stature: float = 1.7, build: float = 1.0
) -> Figure:
    """
    Return a person whose hips are around a place (x, y, z), and who faces the camera.

    `yaw` turns the person around the vertical, in radians. `build` scales all thicknesses.
    """
    joints, capsules = _trunk(stature, build)
    for side, name in ((1.0, 'left'), (-1.0, 'right')):
        for chain, radii, ends in (
            (('shoulder', 'elbow', 'wrist'), (_SHOULDER, _ELBOW, _WRIST), (_HAND, 0.06)),
            (('hip', 'knee', 'ankle'), (_HIP, _KNEE, _ANKLE), (_FOOT, 0.05)),
        ):
            limbs = ('upper_arm', 'forearm') if chain[0] == 'shoulder' else ('thigh', 'shank')
            lengths = (0.186, 0.146) if chain[0] == 'shoulder' else (0.245, 0.246)
            names = [f'{name}_{one}' for one in chain]
            for index, limb in enumerate(limbs):
                start = joints[names[index]]
                end = start + posture.direction(limb, side) * lengths[index] * stature
                joints[names[index + 1]] = end
                capsules += _taper(start, end, (radii[index] * build, radii[index + 1] * build))
            capsules.append(_beyond(end, posture.direction(limbs[1], side), ends, build, chain[0]))
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    placed = np.array([joints[part] for part in PART_NAMES]) @ turn.T + place
    kinds = [part.split('_')[-1] for part in PART_NAMES]
    surfaces = np.array([_SURFACE.get(kind, _NEAR_SURFACE) for kind in kinds]) * build + 0.01
    solid = [Capsule(turn @ c.start + place, turn @ c.end + place, c.radius) for c in capsules]
    return Figure(placed, solid, surfaces)


def _trunk(stature: float, build: float) -> tuple[dict[str, Array], list[Capsule]]:
    """Return the joints of the head and the trunk around the hips, and their capsules."""
    shoulder, hip = 0.11 * stature, 0.052 * stature
    top = -0.288 * stature
    joints = {
        'left_shoulder': np.array([shoulder, top, 0]),
        'right_shoulder': np.array([-shoulder, top, 0]),
        'left_hip': np.array([hip, 0, 0]),
        'right_hip': np.array([-hip, 0, 0]),
    }
    head, radius = np.array([0, top - 0.112 * stature, -0.02]), 0.055 * stature
    for name, direction in (
        ('nose', (0, 0.15, -1)),
        ('left_eye', (0.33, -0.15, -0.93)),
        ('right_eye', (-0.33, -0.15, -0.93)),
        ('left_ear', (0.94, 0, -0.34)),
        ('right_ear', (-0.94, 0, -0.34)),
    ):
        joints[name] = head + radius * np.array(direction) / np.linalg.norm(direction)
    low, high = np.array([0, -0.02, 0]), np.array([0, top + 0.06, 0])
    aside = np.array([0.05 * stature, 0, 0])
    thick = _TRUNK * build
    capsules = [
        Capsule(head, head, radius),
        Capsule(head, high, _NECK * build),
        Capsule(joints['left_shoulder'], joints['right_shoulder'], _SHOULDER * build),
        Capsule(joints['left_hip'], joints['right_hip'], _HIP * build),
        *(Capsule(low + shift, high + shift, thick) for shift in (-aside, 0 * aside, aside)),
    ]
    return joints, capsules


def _taper(start: Array, end: Array, radii: tuple[float, float]) -> list[Capsule]:
    """Return a limb whose radius changes from one to the other."""
    points = np.linspace(start, end, _PIECES + 1)
    return [
        Capsule(points[i], points[i + 1], float(np.interp((i + 0.5) / _PIECES, (0, 1), radii)))
        for i in range(_PIECES)
    ]


def _beyond(
    joint: Array, direction: Array, ends: tuple[float, float], build: float, chain: str
) -> Capsule:
    """Return the hand or the foot."""
    radius, length = ends
    towards = direction if chain == 'shoulder' else np.array([0, 0.3, -1.0])
    return Capsule(joint + towards * 0.04, joint + towards * (0.04 + length), radius * build)


def rays() -> Array:
    """Return the ray (x, y, 1) of each pixel, float64 [height, width, 3]."""
    across = (np.arange(WIDTH) - MATRIX[0, 2]) / FOCAL_LENGTH
    down = (np.arange(HEIGHT) - MATRIX[1, 2]) / FOCAL_LENGTH
    return np.stack([*np.meshgrid(across, down), np.ones((HEIGHT, WIDTH))], axis=-1)


def project(points: Array) -> Array:
    """Return the pixels, float64 [..., 2], of points in metres, float64 [..., 3]."""
    pixels = points @ MATRIX.T
    return np.asarray(pixels[..., :2] / pixels[..., 2:], np.float64)


def render(figures: Sequence[Figure], background: Array) -> tuple[Array, NDArray[np.int8]]:
    """
    Return the true depth of each pixel, float64 [height, width], and the number of the figure.

    `background` is the depth of what is behind the people. There, the number is -1.
    """
    depth = background.copy()
    owner = np.full(depth.shape, -1, np.int8)
    directions = rays()
    for number, figure in enumerate(figures):
        for capsule in figure.capsules:
            where = _box(capsule)
            hit = cast(directions[where], capsule)
            nearer = hit < depth[where]
            depth[where][nearer] = hit[nearer]
            owner[where][nearer] = number
    return depth, owner


def _box(capsule: Capsule) -> tuple[slice, slice]:
    """Return the rows and columns that a capsule may cover."""
    ends = np.array([capsule.start, capsule.end])
    margin = 1.3 * capsule.radius * FOCAL_LENGTH / (ends[:, 2].min() - capsule.radius) + 2
    pixels = project(ends)
    low = np.clip(pixels.min(axis=0) - margin, 0, (WIDTH, HEIGHT)).astype(int)
    high = np.clip(pixels.max(axis=0) + margin, 0, (WIDTH, HEIGHT)).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def cast(directions: Array, capsule: Capsule) -> Array:
    """
    Return the depth at which rays (x, y, 1), float64 [..., 3], hit a capsule; infinity if not.

    Source: Quilez, "Intersectors", capsule.
    """
    start, end, square = capsule.start, capsule.end, capsule.radius**2
    axis = end - start
    along, long = directions @ axis, float(axis @ axis)
    lengths = np.einsum('...i,...i', directions, directions)
    offset, towards = -float(axis @ start), -(directions @ start)
    depth = np.full(lengths.shape, np.inf)
    place = np.zeros(lengths.shape)
    if long > 0:
        a, b = long * lengths - along**2, long * towards - offset * along
        c = long * float(start @ start) - offset**2 - square * long
        discriminant = b * b - a * c
        hit = discriminant >= 0
        with np.errstate(divide='ignore', invalid='ignore'):
            t = np.where(hit, (-b - np.sqrt(np.maximum(discriminant, 0))) / a, np.inf)
            place = np.where(hit, offset + t * along, -1.0)
        side = hit & (place > 0) & (place < long)
        depth[side] = t[side]
    for centre in (start, end):
        b = -(directions @ centre)
        discriminant = b * b - lengths * (float(centre @ centre) - square)
        t = np.where(
            discriminant >= 0, (-b - np.sqrt(np.maximum(discriminant, 0))) / lengths, np.inf
        )
        depth = np.minimum(depth, t)
    return depth
