"""The people that a tracker knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.tracking.motion import (
    corrected,
    displacement,
    gain,
    residuals,
    slowed,
    uncertainty,
    Vector,
)
from posenet_ros.tracking.people import gather, People

# How much of a track's size a new pose replaces. The box around the visible keypoints changes when
# arms move or feet are hidden, the person's size does not.
_SIZE_GAIN = 0.3
# Poses with at least this score are hardly ever of things. Poses of people who are far away or
# partly hidden often have a lower score, as those of things do.
_SURE = 0.45
# A keypoint that was visible is expected to be visible again for this many seconds.
_VISIBLE_AGAIN = 0.5


@dataclass(slots=True)
class Track:
    """One person over time, without the keypoints."""

    #: In pixels.
    size: float
    #: Stamp of the newest pose in seconds.
    seen: float
    #: Stamp of the first pose in seconds.
    started: float = 0.0
    #: Its id; 0 if it was not found often enough yet.
    number: int = 0
    #: In pixels per second.
    velocity: Vector = (0.0, 0.0)
    #: How fast it lately moved in x and y, in pixels per second.
    pace: Vector = (0.0, 0.0)
    #: Images in which it was found.
    sightings: int = 1
    #: Images in which it was found, less those in which it was not; at least 0. Poses with a low
    #: score count less.
    evidence: float = 1.0
    #: Whether the evidence was enough for the id, and did not fall to 0 since then.
    confirmed: bool = False
    #: Whether the newest image is one in which it was not found.
    missed: bool = False

    def gap(self, stamp: float) -> float:
        """Return the seconds since it was seen; 0 if that is in the future."""
        gap = stamp - self.seen
        return gap if gap > 0 else 0.0

    def id_of(self, score: float) -> int:
        """
        Return the id of a pose with a score that was taken for this person; 0 if that is unsure.

        Something that is now and then taken for a person is soon not confirmed any more.
        """
        return self.number if self.confirmed or score >= _SURE else 0

    def follow(
        self, size: float, residual: Sequence[float], stamp: float, *, trust: float, score: float
    ) -> None:
        """
        Note that it was found in an image.

        `size` is that of the pose, and `residual`, (x, y), how far the person was off the
        prediction, both in pixels. `trust`, 0 to 1, is how much they count. `score` is the pose's.
        """
        gap = self.gap(stamp)
        gain_now = trust * gain(gap, self.sightings)
        self.velocity = corrected(self.velocity, residual, gap=gap, gain=gain_now)
        self.pace = slowed(self.pace, self.velocity, gap)
        self.size += _SIZE_GAIN * trust * (size - self.size)
        if stamp > self.seen:
            self.seen = stamp
        self.sightings += 1
        self.evidence += score / _SURE if score < _SURE else 1.0
        self.missed = False

    def miss(self) -> None:
        """Note that it was not found in an image."""
        self.evidence = max(self.evidence - 1, 0.0)
        self.confirmed &= self.evidence > 0
        self.missed = True

    def take_over(self, lost: 'Track') -> None:
        """Take the id of a track that was lost, which ends."""
        self.number, lost.number, lost.evidence = lost.number, 0, 0.0


@dataclass(eq=False)
class Tracks:
    """n tracks, in the order in which they were started."""

    tracks: list[Track]
    #: float64 [2, n, 17], where each was last visible, but moved along with the person since.
    keypoints: NDArray[np.float64]
    #: Stamp in seconds of the newest pose in which each was visible, float64 [n, 17], or -inf.
    visible_at: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.tracks)

    @property
    def people(self) -> People:
        """Return the keypoints, and which of them were ever visible."""
        return People(self.keypoints, self.visible_at > -np.inf)

    def predict(self, stamp: float) -> People:
        """Return where the people should be at a time."""
        moves = [displacement(track.velocity, track.gap(stamp)) for track in self.tracks]
        offsets = np.array([[x for x, _ in moves], [y for _, y in moves]])
        return People(self.keypoints + offsets[:, :, np.newaxis], self.visible_at > -np.inf)

    def recently_visible(self) -> NDArray[np.bool_]:
        """
        Return which keypoints were visible in the newest pose or shortly before it, bool [n, 17].

        A pose in which few keypoints are visible does not mean that the person became smaller.
        """
        seen = np.array([track.seen for track in self.tracks])
        recently: NDArray[np.bool_] = self.visible_at >= seen[:, np.newaxis] - _VISIBLE_AGAIN
        return recently

    def uncertainties(self, stamp: float) -> list[Vector]:
        """Return how far the prediction of each may be off in x and y, in pixels."""
        return [uncertainty(one.size, one.pace, one.gap(stamp)) for one in self.tracks]

    def only(self, which: Sequence[int]) -> 'Tracks':
        """Return some of the tracks, by their indices."""
        rows = np.array(which, np.intp)
        tracks = [self.tracks[index] for index in which]
        return Tracks(tracks, self.keypoints.take(rows, axis=1), self.visible_at[rows])

    def joined(self, others: 'Tracks') -> 'Tracks':
        """Return these tracks and then the others."""
        return Tracks(
            [*self.tracks, *others.tracks],
            np.concatenate([self.keypoints, others.keypoints], axis=1),
            np.concatenate([self.visible_at, others.visible_at]),
        )

    def follow(
        self,
        which: Sequence[int],
        people: People,
        sizes: Sequence[float],
        *,
        predicted: People,
        stamp: float,
        trust: Sequence[float],
        scores: Sequence[float],
    ) -> None:
        """
        Note in place that the tracks `which`, m indices, were found in an image, and no others.

        `people` are their m poses, with these `sizes` in pixels and `scores`; `predicted` is what
        `predict` returned for all tracks; `trust`, 0 to 1, is how much each pose counts for the
        velocity and the size.
        """
        found = set(which)
        for index, track in enumerate(self.tracks):
            if index not in found:
                track.miss()
        if not which:
            return
        indices = np.array(which)
        before = predicted.only(which)
        moved = residuals(people, before)
        for index, size, residual, share, score in zip(
            which, sizes, moved, trust, scores, strict=True
        ):
            self.tracks[index].follow(size, residual, stamp, trust=share, score=score)
        keypoints = before.keypoints + np.array(moved).T[:, :, np.newaxis]
        np.copyto(keypoints, people.keypoints, where=people.visible)
        self.keypoints[:, indices] = keypoints
        now = np.where(people.visible, stamp, -np.inf)
        self.visible_at[indices] = np.maximum(now, self.visible_at.take(indices, axis=0))


def start_tracks(people: People, sizes: Sequence[float], stamp: float) -> Tracks:
    """Return new tracks of people who were found for the first time."""
    visible_at = np.where(people.visible, stamp, -np.inf)
    tracks = [Track(size, stamp, stamp) for size in sizes]
    return Tracks(tracks, people.keypoints.copy(), visible_at)


def no_tracks() -> Tracks:
    """Return no tracks."""
    return start_tracks(gather([]).people, [], 0.0)
