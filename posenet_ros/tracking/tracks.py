"""The people that a tracker knows, in arrays."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.tracking.motion import corrected, displacements, gains, residuals
from posenet_ros.tracking.people import People

# How much of a track's size a new pose replaces. The box around the visible keypoints changes when
# arms move or feet are hidden, the person's size does not.
_SIZE_GAIN = 0.3

Indices = NDArray[np.intp]


@dataclass(eq=False)
class Tracks:
    """n tracks, in the order in which they were started. A track is one person over time."""

    #: Ids, int64 [n]; 0 for a track that was not found often enough yet.
    ids: NDArray[np.int64]
    #: The newest pose of each, float64 [n, 17, 2] in pixels, and bool [n, 17].
    keypoints: NDArray[np.float64]
    visible: NDArray[np.bool_]
    #: Sizes in pixels, float64 [n].
    sizes: NDArray[np.float64]
    #: Velocities in pixels per second, float64 [n, 2].
    velocities: NDArray[np.float64]
    #: Stamp of the newest pose in seconds, float64 [n].
    seen: NDArray[np.float64]
    #: Images in which each was found, int64 [n].
    sightings: NDArray[np.intp]
    #: Images in which each was found, less those in which it was not, int64 [n].
    evidence: NDArray[np.intp]

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.ids)

    def gaps(self, stamp: float) -> NDArray[np.float64]:
        """Return the seconds since each was seen, float64 [n]; 0 if that is in the future."""
        return np.maximum(stamp - self.seen, 0.0)

    def predict(self, stamp: float) -> People:
        """Return where the people should be at a time."""
        moves = displacements(self.velocities, self.gaps(stamp))
        return People(self.keypoints + moves[:, np.newaxis], self.visible)

    def only(self, which: NDArray[np.bool_]) -> 'Tracks':
        """Return some of the tracks; `which` is [n]."""
        if which.all():
            return self
        return Tracks(*(getattr(self, one.name)[which] for one in fields(self)))

    def joined(self, others: 'Tracks') -> 'Tracks':
        """Return these tracks and then the others."""
        pairs = ((getattr(self, one.name), getattr(others, one.name)) for one in fields(self))
        return Tracks(*(np.concatenate(pair) for pair in pairs))

    def follow(
        self,
        which: Indices,
        people: People,
        sizes: NDArray[np.float64],
        *,
        predicted: People,
        stamp: float,
        trust: NDArray[np.float64],
    ) -> None:
        """
        Note in place that the tracks `which`, [m], were found in an image, and no others.

        `people` are their poses and `sizes` those of the poses in pixels; `predicted` is what
        `predict` returned for all tracks; `trust`, [m], 0 to 1, is how much each pose counts for
        the velocity and the size.
        """
        gaps = self.gaps(stamp)[which]
        self.velocities[which] = corrected(
            self.velocities[which],
            residuals(people, predicted.only(which)),
            gaps=gaps,
            gains=trust * gains(gaps, self.sightings[which]),
        )
        self.keypoints[which] = people.keypoints
        self.visible[which] = people.visible
        self.sizes[which] += _SIZE_GAIN * trust * (sizes - self.sizes[which])
        self.seen[which] = np.maximum(stamp, self.seen[which])
        self.sightings[which] += 1
        self.evidence -= 1
        self.evidence[which] += 2


def start_tracks(people: People, sizes: NDArray[np.float64], stamp: float) -> Tracks:
    """Return new tracks of people who were found for the first time."""
    count = len(sizes)
    return Tracks(
        ids=np.zeros(count, np.int64),
        keypoints=people.keypoints.copy(),
        visible=people.visible.copy(),
        sizes=sizes.copy(),
        velocities=np.zeros((count, 2)),
        seen=np.full(count, stamp),
        sightings=np.ones(count, np.intp),
        evidence=np.ones(count, np.intp),
    )


def no_tracks() -> Tracks:
    """Return no tracks."""
    nobody = People(np.zeros((0, NUM_PARTS, 2)), np.zeros((0, NUM_PARTS), bool))
    return start_tracks(nobody, np.zeros(0), 0.0)
