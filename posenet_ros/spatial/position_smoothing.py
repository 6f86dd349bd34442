"""
Smooth positions: a One-Euro filter for each keypoint in metres, and for the body, of each person.

It is the filter of keypoints in pixels with the same settings, as it takes speeds relative to the
person's size. A position that is not known does not pull: its filter waits, and starts anew if it
got nothing for `track_max_age`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.spatial.positions import Pose3D
from posenet_ros.tracking.image_times import Continuity
from posenet_ros.tracking.smoothing import FilteredPeople, hold
from posenet_ros.tracking.tracking_settings import TrackingSettings

# In pixels, a person's size is the root of the area of the box, whose shorter side counts as at
# least 0.3 times the longer one. For somebody who is 1.7 m tall, that is 0.9 m.
_SIZE = 0.9
# The keypoints and the body.
_POINTS = NUM_PARTS + 1


class PositionSmoother:
    """
    Smooths the positions of the people in the images of one camera.

    Not for use in several threads at once.
    """

    def __init__(self) -> None:
        """Know nobody."""
        self._forget()
        self._continuity = Continuity()

    def _forget(self) -> None:
        self._people = FilteredPeople(axes=3, points=_POINTS)

    def __len__(self) -> int:
        """Return the number of people whose positions are remembered."""
        return len(self._people)

    def update(
        self,
        poses: Sequence[Pose3D],
        *,
        stamp: float,
        image_size: Size,
        settings: TrackingSettings,
    ) -> list[Pose3D]:
        """
        Return the poses in an image, in the same order, with smooth positions.

        Poses without an id stay as they are. Positions that are not known stay so, or, with
        `smoothing_hold`, are where they were last known, with a score that falls to 0. `stamp` is
        in seconds. As for keypoints, the filters start anew if it jumps back, or if `image_size`,
        (height, width), changes.
        """
        if self._continuity.breaks(stamp, image_size):
            self._forget()
        tracked = [pose for pose in poses if pose.track_id]
        smoothed = iter(self._smooth(tracked, stamp, settings))
        return [next(smoothed) if pose.track_id else pose for pose in poses]

    def _smooth(
        self, poses: list[Pose3D], stamp: float, settings: TrackingSettings
    ) -> list[Pose3D]:
        """Return tracked poses with smooth positions."""
        ids = [pose.track_id for pose in poses]
        sizes = [_SIZE] * len(poses)
        filters = self._people.arrange(ids, sizes, stamp, settings.track_max_age)
        if not poses:
            return []
        positions, scores = _points(poses)
        seen: NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(positions))
        filters.step(
            np.where(seen, positions, 0.0),
            scores,
            seen=seen,
            stamp=stamp,
            sizes=sizes,
            max_age=settings.track_max_age,
            min_cutoff=settings.smoothing_min_cutoff,
            beta=settings.smoothing_beta,
        )
        shown = seen
        if settings.smoothing_hold:
            shown = hold(filters, scores, seen, stamp, settings.track_max_age)
        smooth = np.where(shown, filters.positions, np.nan).transpose(1, 2, 0)
        return [
            Pose3D(pose.score, one[:NUM_PARTS], its[:NUM_PARTS], one[NUM_PARTS], pose.track_id)
            for pose, one, its in zip(poses, smooth, scores, strict=True)
        ]


def _points(poses: Sequence[Pose3D]) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """
    Return the positions of the keypoints and the bodies, float64 [3, n, 18].

    Also returns their scores, float32 [n, 18]. Bodies count as fully certain, as they are medians.
    """
    positions = np.empty((len(poses), _POINTS, 3))
    positions[:, :NUM_PARTS] = [pose.positions for pose in poses]
    positions[:, NUM_PARTS] = [pose.body for pose in poses]
    scores = np.ones((len(poses), _POINTS), np.float32)
    scores[:, :NUM_PARTS] = [pose.keypoint_scores for pose in poses]
    return np.ascontiguousarray(positions.transpose(2, 0, 1)), scores
