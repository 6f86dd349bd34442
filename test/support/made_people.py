"""
Made detections of walking people, with the errors of PoseNet, and the truth about who is who.

The errors imitate those of the network on videos of pedestrians: positions with 1 pixel of noise
in the network input (2 in an image that is processed at half its size) and heavy tails, keypoints
with low scores, people who are not found in some images, people who hide others, second poses of
one person with a low score, and things that are sometimes taken for a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from posenet_ros.poses import Pose

Array = NDArray[np.float64]

#: (height, width) of all made images.
IMAGE_SIZE = (480, 640)
#: Whoever was not found for longer, in seconds, counts as a new person: the default of
#: track_max_age. Nobody is known again after that.
MAX_ABSENCE = 1.0

# A standing person seen from the front, (x, y) with the feet at the origin and a height of 1.
_BODY = np.array([
    [0.00, -0.93], [0.02, -0.95], [-0.02, -0.95], [0.05, -0.94], [-0.05, -0.94],
    [0.12, -0.82], [-0.12, -0.82], [0.15, -0.65], [-0.15, -0.65], [0.16, -0.50], [-0.16, -0.50],
    [0.08, -0.50], [-0.08, -0.50], [0.08, -0.27], [-0.08, -0.27], [0.08, -0.04], [-0.08, -0.04],
])  # fmt: skip
# How far each keypoint swings in a step, as a share of the height.
_SWING = np.array([0, 0, 0, 0, 0, 0, 0, 4, -4, 8, -8, 0, 0, -5, 5, -12, 12]) / 100


@dataclass(frozen=True)
class Walker:
    """A person: where the feet are over time, in pixels."""

    number: int
    #: Seconds of the corners of the path, and (x, y) of the feet there.
    times: Sequence[float]
    feet: Sequence[tuple[float, float]]
    height: float
    phase: float = 0.0

    def keypoints(self, stamp: float) -> Array:
        """Return the true keypoints at a time, float64 [17, 2], in pixels."""
        x, y = np.array(self.feet).T
        place = np.array([np.interp(stamp, self.times, axis) for axis in (x, y)])
        body = _BODY.copy()
        body[:, 0] += _SWING * np.sin(2 * np.pi * 0.9 * stamp + self.phase)
        return np.asarray(place + body * self.height)

    def is_there(self, stamp: float) -> bool:
        """Return whether the person is in the scene at a time, with the hips in the image."""
        x = float(self.keypoints(stamp)[11:13, 0].mean())
        return self.times[0] <= stamp <= self.times[-1] and 0 <= x < IMAGE_SIZE[1]


@dataclass(frozen=True, eq=False)
class Detection:
    """A pose as the network would find it, and the number of the person; 0 for nobody."""

    pose: Pose
    person: int


@dataclass(frozen=True)
class MadeImage:
    """The detections in one image, the one with the highest score first."""

    stamp: float
    detections: list[Detection]


@dataclass(frozen=True)
class Errors:
    """How often and how far the made network is wrong."""

    #: Standard deviation of positions in pixels of the image.
    noise: float = 2.0
    #: Share of images in which a person is not found.
    drop_outs: float = 0.1
    #: Share of images with a second pose of a person.
    doubles: float = 0.1
    #: Share of images in which each thing at a fixed place is taken for a person.
    false_detections: float = 0.05
    #: How many such things there are.
    things: int = 2
    #: Share of keypoints with a low score.
    low_scores: float = 0.08


@dataclass
class _Switch:
    """Something that is on for a share of the images, twice as many in a row as by chance."""

    share: float
    rng: np.random.Generator
    on: bool = False

    def turn(self) -> bool:
        """Go on to the next image, and return whether it is on there."""
        stay = 0.5 + self.share / 2
        start = self.share * (1 - stay) / max(1e-9, 1 - self.share)
        self.on = bool(self.rng.random() < (stay if self.on else start))
        return self.on


@dataclass
class MadeNetwork:
    """Finds walkers with errors; the same seed gives the same errors."""

    walkers: Sequence[Walker]
    errors: Errors
    seed: int
    _rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        self._found: dict[int, tuple[float, int]] = {}
        self._missing = {w.number: self._switch(self.errors.drop_outs) for w in self.walkers}
        self._double = {w.number: self._switch(self.errors.doubles) for w in self.walkers}
        places = self._rng.uniform((40, 200), (600, 460), (self.errors.things, 2))
        heights = self._rng.uniform(60, 160, self.errors.things)
        self._things = [place + _BODY * h for place, h in zip(places, heights, strict=True)]
        self._false = [self._switch(self.errors.false_detections) for _ in self._things]

    def _switch(self, share: float) -> _Switch:
        return _Switch(share, self._rng)

    def _person(self, number: int, stamp: float) -> int:
        """Note that a walker was found, and return the number of the person."""
        last, person = self._found.get(number, (stamp, number))
        if stamp - last > MAX_ABSENCE:
            person += 100
        self._found[number] = stamp, person
        return person

    def find(self, stamp: float) -> MadeImage:
        """Return the detections at a time; call it with rising times."""
        there = [walker for walker in self.walkers if walker.is_there(stamp)]
        # People whose feet are lower in the image are nearer.
        there.sort(key=lambda walker: -float(walker.keypoints(stamp)[15:, 1].mean()))
        found: list[Detection] = []
        front: list[Array] = []
        for walker in there:
            truth = walker.keypoints(stamp)
            found += self._find(walker.number, truth, front, stamp)
            front.append(truth)
        found += [
            Detection(self._pose(thing, self._rng.uniform(0.2, 0.6, 17), 0.8), 0)
            for thing, switch in zip(self._things, self._false, strict=True)
            if switch.turn()
        ]
        return MadeImage(stamp, sorted(found, key=lambda detection: -detection.pose.score))

    def _find(
        self, number: int, truth: Array, front: Sequence[Array], stamp: float
    ) -> list[Detection]:
        missing, double = self._missing[number].turn(), self._double[number].turn()
        hidden, taken = _hidden(truth, front)
        # The more of a person is hidden, the less often the person is found.
        if missing or self._rng.random() < (hidden.mean() - 0.2) / 0.4:
            return []
        snapped = hidden & (self._rng.random(17) < 0.5)
        points = np.where(snapped[:, np.newaxis], taken, truth)
        scores = self._rng.beta(8, 2, 17)
        low = (hidden & ~snapped) | (self._rng.random(17) < self.errors.low_scores)
        scores[low] = self._rng.uniform(0.02, 0.3, int(low.sum()))
        pose = self._pose(points, scores, 1 - 0.7 * hidden.mean())
        found = [Detection(pose, self._person(number, stamp))]
        return [*found, Detection(self._second(pose), 0)] if double else found

    def _second(self, pose: Pose) -> Pose:
        """Return a second pose of a person: one limb is elsewhere, the rest is the same."""
        limb = self._rng.choice([[7, 9], [8, 10], [13, 15], [14, 16]])
        points = pose.keypoints + self._rng.normal(0, self.errors.noise / 2, (17, 2))
        points[limb] += self._rng.normal(0, 0.15 * np.ptp(points[:, 1]), 2)
        return Pose(float(self._rng.uniform(0.04, 0.13)), points, pose.keypoint_scores)

    def _pose(self, points: Array, scores: Array, share: float) -> Pose:
        noise = self._rng.standard_t(4, (17, 2)) / np.sqrt(2)
        # Positions with a low score are several times as far off.
        spread = self.errors.noise * np.where(scores < 0.3, 5.0, 1.0)[:, np.newaxis]
        return Pose(
            float(share * scores.mean()), points + noise * spread, scores.astype(np.float32)
        )


def _hidden(truth: Array, front: Sequence[Array]) -> tuple[NDArray[np.bool_], Array]:
    """Return which keypoints somebody in front hides, [17], and that person's keypoints."""
    hidden, taken = np.zeros(17, bool), truth.copy()
    for other in front:
        inside = np.all((truth > other.min(0)) & (truth < other.max(0)), axis=1)
        taken[inside & ~hidden] = other[inside & ~hidden]
        hidden |= inside
    return hidden, taken


def find_people(
    walkers: Sequence[Walker],
    stamps: Sequence[float],
    *,
    seed: int,
    errors: Errors | None = None,
) -> list[MadeImage]:
    """Return the made images at these times."""
    network = MadeNetwork(walkers, errors or Errors(), seed)
    return [network.find(stamp) for stamp in stamps]


Scene = Callable[[int], list[MadeImage]]
