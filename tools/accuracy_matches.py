"""
Which annotated people the poses of a picture belong to, for tools/accuracy.py.

The measure is COCO's object keypoint similarity (OKS) of a pose and a person: the mean over the
person's annotated keypoints of exp(-d^2 / (2 (2 k)^2 a)), with the distance d, the area a of the
person's outline, and a constant k of each part.

Source: cocodataset.org, "Keypoint Evaluation"; pycocotools, `COCOeval.computeOks`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coco_people import People
import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import FALLOFFS
from posenet_ros.poses import Pose

Array = NDArray[np.float64]

#: A person is found if a pose has at least this OKS with the person.
FOUND = 0.5
#: A pose with at least this OKS with a person is near the person. A pose of somebody else or of
#: nobody has less.
NEAR = 0.1

#: Lower limits of the person's height in pixels of the network input. The first bin starts at 0.
HEIGHTS = (0, 32, 48, 64, 80, 96, 128, 160, 192)


@dataclass(frozen=True)
class PoseCounts:
    """How many poses there are, and how many of them do not show one more person."""

    poses: int
    #: Poses of a person who is found, besides the most similar pose.
    doubles: int
    #: Poses that are near nobody. COCO's crowds and people without annotated keypoints count as
    #: somebody.
    false: int

    def __add__(self, other: 'PoseCounts') -> 'PoseCounts':
        """Return the sum of both."""
        return PoseCounts(
            self.poses + other.poses, self.doubles + other.doubles, self.false + other.false
        )


def similarities(poses: Sequence[Pose], people: People) -> Array:
    """
    Return the OKS of each pose and each person, float64 [P, N].

    With people who have no annotated keypoints, and with crowds, it says how far a pose lies
    outside of a box of three times their width and height, as in COCO's evaluation.
    """
    keypoints = np.array([pose.keypoints for pose in poses]).reshape(-1, 1, 17, 2)
    lengths = np.tile(people.boxes[:, 2:], 1)
    low = (people.boxes[:, :2] - lengths)[:, np.newaxis]
    high = (people.boxes[:, :2] + 2 * lengths)[:, np.newaxis]
    outside = np.maximum(low - keypoints, 0) + np.maximum(keypoints - high, 0)
    bare: NDArray[np.bool_] = ~np.any(people.annotated, axis=1)
    gaps = np.where(bare[:, np.newaxis, np.newaxis], outside, keypoints - people.keypoints)
    widths = 2 * (2 * np.array(FALLOFFS)) ** 2 * (people.areas[:, np.newaxis] + np.spacing(1))
    terms = np.exp(-(gaps**2).sum(axis=-1) / widths)
    weights = people.annotated | bare[:, np.newaxis]
    values: Array = (terms * weights).sum(axis=-1) / weights.sum(axis=-1)
    return values


def count_poses(similar: Array, people: People) -> PoseCounts:
    """Count the poses of a picture, given their OKS with the people, [P, N]."""
    counted = similar[:, people.counted]
    ignored = similar[:, ~people.counted]
    doubles = 0
    near: NDArray[np.bool_] = np.max(counted, axis=1, initial=0) >= NEAR
    if near.any():
        nearest = counted[near].argmax(axis=1)
        for person in range(counted.shape[1]):
            own = counted[near, person][nearest == person]
            if own.max(initial=0) >= FOUND:
                doubles += len(own) - 1
    false = ~near & (ignored.max(axis=1, initial=0) < FOUND)
    return PoseCounts(len(similar), doubles, int(false.sum()))


def bin_of(heights: Array) -> NDArray[np.intp]:
    """Return the index in HEIGHTS of each height in pixels of the network input."""
    return np.searchsorted(HEIGHTS, heights, side='right') - 1


def count_found(similar: Array, people: People, network_scale: float) -> NDArray[np.int64]:
    """
    Return the numbers of people, of those found, and of those with a pose near, int [3, bins].

    The bins are those of HEIGHTS. A person's height is that of the box, times the size of a pixel
    of the picture in pixels of the network input.
    """
    best = similar.max(axis=0, initial=0)[people.counted]
    bins = bin_of(people.boxes[people.counted, 3] * network_scale)
    every = np.ones(len(best), bool)
    return np.array([
        np.bincount(bins[chosen], minlength=len(HEIGHTS))
        for chosen in (every, best >= FOUND, best >= NEAR)
    ])  # fmt: skip
