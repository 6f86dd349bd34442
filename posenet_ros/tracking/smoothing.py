"""
Smooth keypoints: a One-Euro filter for each keypoint of each person with an id.

A keypoint with a score below 0.3 is not where it seems. It does not pull: its filter waits, and
starts anew if it got nothing for `track_max_age`. Such a keypoint is returned as it was found, or,
with `smoothing_hold`, where it was last seen, with a score that falls to 0 by then.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.continuity import Continuity
from posenet_ros.tracking.one_euro import Filtered, no_filters
from posenet_ros.tracking.people import gather
from posenet_ros.tracking.tracking_settings import TrackingSettings

# How much of a person's size a new pose replaces; see tracks.py.
_SIZE_GAIN = 0.1


class PoseSmoother:
    """
    Smooths the keypoints of the people in the images of one camera.

    `settings` apply to every call without settings of its own, and may be replaced at any time.
    Not for use in several threads at once.
    """

    def __init__(self, settings: TrackingSettings | None = None) -> None:
        """Know nobody, and use these settings or the defaults."""
        self.settings = settings or TrackingSettings()
        self._forget()
        self._continuity = Continuity()

    def _forget(self) -> None:
        self._ids: NDArray[np.int64] = np.zeros(0, np.int64)
        self._sizes: NDArray[np.float64] = np.zeros(0)
        self._filters = no_filters(0)

    def update(
        self,
        poses: Sequence[Pose],
        *,
        stamp: float,
        image_size: Size,
        settings: TrackingSettings | None = None,
    ) -> list[Pose]:
        """
        Return the poses in an image, in the same order, with smooth keypoints.

        Pass what `PersonTracker.update` returned for each image. Poses without an id stay as they
        are. The filters start anew in the cases in which the tracker forgets everybody.
        """
        settings = settings or self.settings
        if self._continuity.breaks(stamp, image_size, tolerance=settings.track_max_age):
            self._forget()
        tracked = [pose for pose in poses if pose.track_id]
        smoothed = iter(self._smooth(tracked, stamp, settings))
        return [next(smoothed) if pose.track_id else pose for pose in poses]

    def _smooth(
        self, poses: Sequence[Pose], stamp: float, settings: TrackingSettings
    ) -> list[Pose]:
        """Return tracked poses with smooth keypoints."""
        people = gather(poses)
        rows = self._rows([pose.track_id for pose in poses], people.sizes(), stamp, settings)
        filters = self._filters
        seen = np.zeros(filters.stamps.shape, bool)
        positions = filters.positions.copy()
        scores = filters.scores.copy()
        if poses:
            seen[rows], positions[rows] = people.visible, people.keypoints
            scores[rows] = np.array([pose.keypoint_scores for pose in poses])
        filters.step(
            positions,
            scores,
            seen=seen,
            stamp=stamp,
            sizes=self._sizes,
            max_age=settings.track_max_age,
            min_cutoff=settings.smoothing_min_cutoff,
            beta=settings.smoothing_beta,
        )
        np.copyto(positions, filters.positions, where=seen[:, :, np.newaxis])
        if settings.smoothing_hold:
            _hold(
                filters,
                positions,
                scores,
                seen=seen,
                ages=stamp - filters.stamps,
                settings=settings,
            )
        return [
            Pose(pose.score, positions[row], scores[row], pose.track_id)
            for pose, row in zip(poses, rows.tolist(), strict=True)
        ]

    def _rows(
        self,
        ids: Sequence[int],
        sizes: NDArray[np.float64],
        stamp: float,
        settings: TrackingSettings,
    ) -> NDArray[np.intp]:
        """Return the rows of people's filters; add and remove people."""
        present = np.array([number in ids for number in self._ids.tolist()], bool)
        if not present.all():
            newest = self._filters.stamps.max(axis=1)
            kept = present | (stamp - newest <= settings.track_max_age)
            if not kept.all():
                self._ids, self._sizes = self._ids[kept], self._sizes[kept]
                self._filters = self._filters.only(kept)
        places = {number: row for row, number in enumerate(self._ids.tolist())}
        new = [index for index, number in enumerate(ids) if number not in places]
        if new:
            places |= {ids[index]: len(places) + count for count, index in enumerate(new)}
            self._ids = np.array(list(places), np.int64)
            self._sizes = np.concatenate([self._sizes, sizes[new]])
            self._filters = self._filters.with_more(len(new))
        rows = np.array([places[number] for number in ids], np.intp)
        self._sizes[rows] += _SIZE_GAIN * (sizes - self._sizes[rows])
        return rows


def _hold(
    filters: Filtered,
    positions: NDArray[np.float64],
    scores: NDArray[np.float32],
    *,
    seen: NDArray[np.bool_],
    ages: NDArray[np.float64],
    settings: TrackingSettings,
) -> None:
    """Replace in place what was not seen now, but not long ago: held, with a falling score."""
    held = ~seen & (ages < settings.track_max_age)
    positions[held] = filters.positions[held]
    scores[held] = filters.scores[held] * (1 - ages[held] / settings.track_max_age)
