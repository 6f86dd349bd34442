"""Scenes with people whose joints are known, as a depth camera and a network find them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from depth_camera import measure
import numpy as np
from numpy.typing import NDArray
from rendered_people import (
    Figure,
    FOCAL_LENGTH,
    HEIGHT,
    Posture,
    project,
    rays,
    render,
    stand,
    WIDTH,
)

from posenet_ros.poses import Pose
from posenet_ros.spatial.calibration import Calibration
from posenet_ros.spatial.camera_model import camera_model

Array = NDArray[np.float64]

CAMERA = camera_model(
    Calibration(
        sensor_size=(HEIGHT, WIDTH),
        k=(FOCAL_LENGTH, 0.0, 319.5, 0.0, FOCAL_LENGTH, 239.5, 0.0, 0.0, 1.0),
    ),
    (HEIGHT, WIDTH),
)

POSTURES = {
    'arms beside the body': Posture(),
    'arms in front of the body': Posture(upper_arm=(0.1, 1, -0.35), forearm=(-0.75, -0.45, -0.5)),
    'arms spread': Posture(upper_arm=(1, 0.2, 0), forearm=(0.6, -0.8, -0.2)),
    'an arm towards the camera': Posture(
        upper_arm=(0.2, 0.5, -0.7),
        forearm=(0, -0.15, -1),
        right={'upper_arm': (0.25, 1, 0), 'forearm': (0.25, 1, -0.1)},
    ),
    'walking': Posture(
        upper_arm=(0.15, 1, -0.4),
        forearm=(0.1, 0.7, -0.7),
        thigh=(0.05, 1, 0.3),
        shank=(0, 0.9, 0.45),
        right={
            'upper_arm': (0.15, 1, 0.35),
            'forearm': (0.15, 1, 0),
            'thigh': (0.05, 1, -0.35),
            'shank': (0, 1, 0.05),
        },
    ),
    'sitting': Posture(
        upper_arm=(0.2, 1, -0.3), forearm=(-0.2, 0.3, -1), thigh=(0.2, 0.15, -1), shank=(0, 1, 0)
    ),
}
OVERLAP = 'two people overlap'
NAMES = (*POSTURES, OVERLAP)

# Errors of keypoints in pixels: standard deviations, and the share of large ones.
_NOISE, _LARGE_NOISE, _LARGE_SHARE, _HIDDEN_NOISE = 2.0, 5.0, 0.1, 6.0
# The network does not notice this share of hidden keypoints.
_UNNOTICED = 0.5
_JITTER = 0.12


@dataclass(frozen=True, eq=False)
class Scene:
    """What a camera sees of people, and the truth."""

    #: uint16 [height, width], millimetres, 0 unknown.
    depth: NDArray[np.uint16]
    #: What a network finds; keypoints outside the image have a score of 0.
    poses: list[Pose]
    #: In metres in the optical frame, float64 [people, 17, 3].
    joints: Array
    #: Joints that the camera sees, bool [people, 17].
    visible: NDArray[np.bool_]
    #: Without errors, in metres, float64 [height, width].
    true_depth: Array
    #: The number of the person at each pixel, int8 [height, width]; -1 is the background.
    owner: NDArray[np.int8]


def make_scene(name: str, distance: float, seed: int, *, noise: bool = True) -> Scene:
    """
    Return one of the scenes at a distance in metres.

    Without `noise`, depth and keypoints have no errors, except that depth has whole millimetres.
    """
    rng = np.random.default_rng(seed)
    figures = _people(name, distance, rng)
    background = _room(distance, figures, rng)
    true_depth, owner = render(figures, background)
    joints = np.stack([figure.joints for figure in figures])
    visible = np.stack(
        [_visible(f, number, true_depth, owner) for number, f in enumerate(figures)]
    )
    depth = measure(true_depth, seed) if noise else np.round(1000 * true_depth).astype(np.uint16)
    poses = [
        _found(project(one), seen, rng, noise=noise)
        for one, seen in zip(joints, visible, strict=True)
    ]
    return Scene(depth, poses, joints, visible, true_depth, owner)


def _people(name: str, distance: float, rng: np.random.Generator) -> list[Figure]:
    """Return people of different stature and build, not quite in the posture of the scene."""
    # At 1 m, the middle of the body is in the image.
    height = rng.uniform(0.0, 0.15)
    if name != OVERLAP:
        place = np.array([rng.uniform(-0.2, 0.2), height, distance])
        return [_somebody(POSTURES[name], place, rng)]
    side = rng.choice([-1.0, 1.0])
    apart = np.array([side * rng.uniform(0.2, 0.45), 0.0, rng.uniform(0.5, 1.2)])
    place = np.array([-side * 0.15, height, distance])
    first, second = rng.choice(list(POSTURES)[:5], 2)
    return [
        _somebody(POSTURES[first], place, rng), _somebody(POSTURES[second], place + apart, rng)
    ]  # fmt: skip


def _somebody(posture: Posture, place: Array, rng: np.random.Generator) -> Figure:
    def shaken(direction: Sequence[float]) -> tuple[float, float, float]:
        x, y, z = np.array(direction) + rng.normal(0, _JITTER, 3)
        return float(x), float(y), float(z)

    limbs = ('upper_arm', 'forearm', 'thigh', 'shank')
    right = {limb: shaken(posture.right.get(limb, getattr(posture, limb))) for limb in limbs}
    changed = {limb: shaken(getattr(posture, limb)) for limb in limbs}
    return stand(
        replace(posture, **changed, right=right),
        place=place,
        yaw=rng.uniform(-0.6, 0.6),
        stature=rng.uniform(1.55, 1.9),
        build=rng.uniform(0.8, 1.25),
    )


def _room(distance: float, figures: Sequence[Figure], rng: np.random.Generator) -> Array:
    """Return the depths of a wall, 1.5 to 4 m behind the people, and of the floor."""
    directions = rays()
    wall = distance + rng.uniform(1.5, 4.0) + rng.uniform(-0.2, 0.2) * directions[..., 0]
    floor = max(float(figure.joints[:, 1].max()) for figure in figures) + 0.08
    down = directions[..., 1]
    room: Array = np.minimum(wall, np.where(down > 0, floor / np.maximum(down, 1e-9), np.inf))
    return room


def _visible(
    figure: Figure, number: int, depth: Array, owner: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Return which joints are in the image with nothing else than their own skin before them."""
    pixels = np.round(project(figure.joints)).astype(int)
    inside = np.logical_and.reduce((pixels >= 0) & (pixels < (WIDTH, HEIGHT)), axis=1)
    x, y = np.where(inside[:, np.newaxis], pixels, 0).T
    gap = figure.joints[:, 2] - depth[y, x]
    return np.asarray(inside & (owner[y, x] == number) & (gap < figure.surfaces), bool)


def _found(
    pixels: Array, visible: NDArray[np.bool_], rng: np.random.Generator, *, noise: bool
) -> Pose:
    """Return the pose that a network finds."""
    large = rng.random(17) < _LARGE_SHARE
    deviations = np.where(visible, np.where(large, _LARGE_NOISE, _NOISE), _HIDDEN_NOISE)
    noticed = ~visible & (rng.random(17) >= _UNNOTICED)
    scores = np.where(visible, rng.uniform(0.5, 0.98, 17), rng.uniform(0.3, 0.6, 17))
    scores[noticed] = rng.uniform(0.02, 0.29, int(noticed.sum()))
    scores[((pixels < 0) | (pixels >= (WIDTH, HEIGHT))).any(axis=1)] = 0.0
    if noise:
        pixels = pixels + rng.normal(size=(17, 2)) * deviations[:, np.newaxis]
    return Pose(float(scores.mean()), pixels, scores.astype(np.float32), 1)
