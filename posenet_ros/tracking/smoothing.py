"""
Smooth keypoints: a One-Euro filter for each keypoint of each person with an id.

A keypoint with a score below 0.3 is not where it seems. It does not pull: its filter waits, and
starts anew if it got nothing for `track_max_age`. Such a keypoint is returned as it was found, or,
with `smoothing_hold`, where it was last seen, with a score that falls to 0 by then. If it was seen
in the image before, it counts down to a score of 0.2: otherwise, a keypoint whose score wavers
around 0.3 would jump between the filtered position and the found one.
A keypoint whose position is not finite, or more than a million pixels away, does not pull either.
Where it is not held, it is returned as NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.poses import Pose
from posenet_ros.tracking.image_times import Continuity
from posenet_ros.tracking.one_euro import Filtered, no_filters
from posenet_ros.tracking.people import Found, gather
from posenet_ros.tracking.tracking_settings import TrackingSettings

# How much of a person's size a new pose replaces; see tracks.py.
_SIZE_GAIN = 0.1
# Minimum score of a keypoint that was seen in the image before.
_MIN_KEPT_SCORE = 0.2
# Filters of people who were not found in the newest image: keeps memory and time bounded if stamps
# do not change, so that nothing grows old.
_MAX_LOST = 300


@dataclass(slots=True)
class _Person:
    """Somebody with an id."""

    number: int
    #: Averaged over time, in the unit of the positions.
    size: float
    #: Stamp of the newest image with this person, in seconds.
    found: float


class FilteredPeople:
    """The filters of people with ids: of those in the newest image, and then of those lost."""

    def __init__(self, *, axes: int = 2, points: int = NUM_PARTS) -> None:
        """Know nobody. Filters will be for this many points with this many coordinates."""
        self._people: list[_Person] = []
        self._filters = no_filters(0, axes=axes, points=points)
        self._count = 0

    def __len__(self) -> int:
        """Return the number of people who are remembered."""
        return len(self._people)

    @property
    def sizes(self) -> list[float]:
        """Sizes of the people in the newest image, averaged over time."""
        return [person.size for person in self._people[: self._count]]

    def arrange(
        self, ids: Sequence[int], sizes: Sequence[float], stamp: float, max_age: float
    ) -> Filtered:
        """
        Return the filters of the people with these ids, in this order.

        New people get new filters. Those who were not found for `max_age` seconds are removed.
        """
        places = {person.number: row for row, person in enumerate(self._people)}
        new = [index for index, number in enumerate(ids) if number not in places]
        if new:
            places |= {ids[index]: row for row, index in enumerate(new, len(places))}
            self._people += [_Person(ids[index], sizes[index], stamp) for index in new]
            self._filters = self._filters.with_more(len(new))
        order = [places.pop(number) for number in ids]
        # Those who are left were not found.
        order += [row for row in places.values() if stamp - self._people[row].found <= max_age]
        # Those who were found last come first.
        order = order[: len(ids) + _MAX_LOST]
        if order != list(range(len(self._people))):
            self._people = [self._people[row] for row in order]
            self._filters = self._filters.only(order)
        for person, size in zip(self._people, sizes, strict=False):
            person.size += _SIZE_GAIN * (size - person.size)
            if stamp > person.found:
                person.found = stamp
        self._count = len(ids)
        return self._filters.first(len(ids))


class PoseSmoother:
    """
    Smooths the keypoints of the people in the images of one camera.

    `settings` apply to every call without settings of its own, and may be replaced at any time.
    Not for use in several threads at once.
    """

    def __init__(self, settings: TrackingSettings | None = None) -> None:
        """Know nobody, and use these settings or the defaults."""
        self.settings = settings or TrackingSettings()
        self._people = FilteredPeople()
        self._continuity = Continuity()

    def __len__(self) -> int:
        """Return the number of people whose keypoints are remembered."""
        return len(self._people)

    def update(
        self,
        poses: Sequence[Pose],
        *,
        stamp: float,
        image_size: Size,
        settings: TrackingSettings | None = None,
        found: Found | None = None,
    ) -> list[Pose]:
        """
        Return the poses in an image, in the same order, with smooth keypoints.

        Pass what `PersonTracker.update` returned for each image. Poses without an id stay as they
        are. The filters start anew in the cases in which the tracker forgets everybody. If you
        have what `gather` returned for the poses, pass it as `found`.
        """
        settings = settings or self.settings
        if self._continuity.breaks(stamp, image_size):
            self._people = FilteredPeople()
        rows = [row for row, pose in enumerate(poses) if pose.track_id]
        if not rows:
            self._smooth([], gather([]), stamp, settings)
            return list(poses)
        found = found or gather(poses)
        if len(rows) == len(poses):
            return self._smooth(poses, found, stamp, settings)
        smoothed = list(poses)
        tracked = self._smooth([poses[row] for row in rows], found.only(rows), stamp, settings)
        for row, pose in zip(rows, tracked, strict=True):
            smoothed[row] = pose
        return smoothed

    def _smooth(
        self, poses: Sequence[Pose], found: Found, stamp: float, settings: TrackingSettings
    ) -> list[Pose]:
        """Return tracked poses with smooth keypoints."""
        people = found.people
        ids = [pose.track_id for pose in poses]
        filters = self._people.arrange(ids, found.sizes, stamp, settings.track_max_age)
        if not poses:
            return []
        scores = found.scores
        seen = people.visible | ((filters.seen > 0) & (scores >= _MIN_KEPT_SCORE))
        if found.unknown is not None:
            seen &= ~found.unknown
        filters.step(
            people.keypoints,
            scores,
            seen=seen,
            stamp=stamp,
            sizes=self._people.sizes,
            max_age=settings.track_max_age,
            min_cutoff=settings.smoothing_min_cutoff,
            beta=settings.smoothing_beta,
        )
        shown = seen
        if settings.smoothing_hold:
            scores = scores.copy()
            shown = hold(filters, scores, seen, stamp, settings.track_max_age)
        positions = np.where(shown, filters.positions, people.keypoints)
        if found.unknown is not None:
            positions[:, found.unknown & ~shown] = np.nan
        # [n, 17, 2]
        keypoints = np.ascontiguousarray(positions.transpose(1, 2, 0))
        return [
            Pose(pose.score, one, its_scores, pose.track_id)
            for pose, one, its_scores in zip(poses, keypoints, scores, strict=True)
        ]


def hold(
    filters: Filtered,
    scores: NDArray[np.float32],
    seen: NDArray[np.bool_],
    stamp: float,
    max_age: float,
) -> NDArray[np.bool_]:
    """
    Return which keypoints, bool [n, 17], were seen now or not long ago.

    The scores of those that were not seen now are replaced in place: they fall with time.
    """
    # In an image that was overtaken, they would be negative.
    ages = np.maximum(stamp - filters.stamps, 0.0)
    held = ~seen & (ages < max_age)
    scores[held] = filters.scores[held] * (1 - ages[held] / max_age)
    return seen | held
