"""The people that a tracker knows, in arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from posenet_ros.tracking.motion import corrected, displacements, gains, residuals
from posenet_ros.tracking.people import gather, People

# How much of a track's size a new pose replaces. The box around the visible keypoints changes when
# arms move or feet are hidden, the person's size does not.
_SIZE_GAIN = 0.3

Indices = Sequence[int] | NDArray[np.intp]


@dataclass(eq=False)
class Tracks:
    """n tracks, in the order in which they were started. A track is one person over time."""

    #: Ids, int64 [n]; 0 for a track that was not found often enough yet.
    ids: NDArray[np.int64]
    #: The newest pose of each, float64 [2, n, 17] in pixels, and bool [n, 17].
    keypoints: NDArray[np.float64]
    visible: NDArray[np.bool_]
    #: Sizes in pixels, float64 [n].
    sizes: NDArray[np.float64]
    #: Velocities in pixels per second, float64 [2, n].
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

    def predict(self, gaps: NDArray[np.float64]) -> People:
        """Return where the people should be, `gaps`, [n], in seconds after they were seen."""
        moves = displacements(self.velocities, gaps)
        return People(self.keypoints + moves[:, :, np.newaxis], self.visible)

    def only(self, which: Indices) -> 'Tracks':
        """Return some of the tracks, by their indices."""
        return Tracks(*(getattr(self, name).take(which, axis=axis) for name, axis in _AXES))

    def joined(self, others: 'Tracks') -> 'Tracks':
        """Return these tracks and then the others."""
        return Tracks(
            *(
                np.concatenate([getattr(self, name), getattr(others, name)], axis=axis)
                for name, axis in _AXES
            )
        )

    def follow(
        self,
        people: People,
        sizes: NDArray[np.float64],
        *,
        trust: NDArray[np.float64],
        predicted: People,
        gaps: NDArray[np.float64],
        stamp: float,
    ) -> None:
        """
        Note in place which tracks were found in an image.

        `people` and `sizes`, in pixels, have one pose for each track. `trust`, [n], 0 to 1, is how
        much it counts for the velocity and the size; where it is 0, the track was not found, and
        the pose may be any. `predicted` is what `predict` returned for `gaps`.
        """
        found = trust > 0
        self.velocities = corrected(
            self.velocities,
            residuals(people, predicted),
            gaps=gaps,
            gains=trust * gains(gaps, self.sightings),
        )
        by_keypoint = found[:, np.newaxis]
        np.copyto(self.keypoints, people.keypoints, where=by_keypoint)
        np.copyto(self.visible, people.visible, where=by_keypoint)
        self.sizes += _SIZE_GAIN * trust * (sizes - self.sizes)
        np.maximum(self.seen, stamp, out=self.seen, where=found)
        self.sightings += found
        self.evidence += found
        self.evidence -= ~found


# The names of the arrays, and the axis that counts the tracks.
_AXES = [(field.name, int(field.name in ('keypoints', 'velocities'))) for field in fields(Tracks)]


def start_tracks(people: People, sizes: NDArray[np.float64], stamp: float) -> Tracks:
    """Return new tracks of people who were found for the first time."""
    count = len(sizes)
    return Tracks(
        ids=np.zeros(count, np.int64),
        keypoints=people.keypoints.copy(),
        visible=people.visible.copy(),
        sizes=sizes.copy(),
        velocities=np.zeros((2, count)),
        seen=np.full(count, stamp),
        sightings=np.ones(count, np.intp),
        evidence=np.ones(count, np.intp),
    )


def no_tracks() -> Tracks:
    """Return no tracks."""
    return start_tracks(gather([]), np.zeros(0), 0.0)
