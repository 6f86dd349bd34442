"""
The tracker: ids that follow people from image to image.

For each image, the tracker predicts where the known people are, compares the poses with them
(similarity.py), and assigns poses to tracks (assignment.py) in this order:

1. poses with a high score before those with a low one. The decoder often finds a person twice: the
   second pose shares most keypoints with the first and has a score of 0.05 to 0.1. It must not
   take the id. But if a person is hard to see, a pose with a low score is all there is
   (Zhang et al., "ByteTrack", 2022);
2. tracks with an id before those without;
3. the most similar first.

A pose that is left starts a track, unless its score is low or it is nearly the same as a better
pose. A new track has no id until its sightings outnumber the images in which it was missed by
`track_min_hits`; it ends when they do not outnumber them any more. A track with an id ends when
the person was not found for `track_max_age`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.assignment import assign
from posenet_ros.tracking.continuity import Continuity
from posenet_ros.tracking.motion import uncertainties
from posenet_ros.tracking.people import gather, People
from posenet_ros.tracking.similarity import similarities
from posenet_ros.tracking.tracking_settings import TrackingSettings
from posenet_ros.tracking.tracks import no_tracks, start_tracks, Tracks

# Poses with a lower score do not start tracks. It is the default of draw_min_pose_score.
_MIN_START_SCORE = 0.15
# A pose that is more similar than this to a better pose of the same image is a second pose of the
# same person. Poses with a low score, which the decoder gives if most of the keypoints belong to
# another pose, are second poses already if they are less similar.
_SAME = 0.75
_SAME_IF_WEAK = 0.4
# Keeps memory and time bounded if images have no stamps, so that nothing grows old.
_MAX_TRACKS = 300


class PersonTracker:
    """
    Gives the people in the images of one camera their ids.

    `settings` apply to every call without settings of its own, and may be replaced at any time.
    Not for use in several threads at once.
    """

    def __init__(self, settings: TrackingSettings | None = None) -> None:
        """Know nobody, and use these settings or the defaults."""
        self.settings = settings or TrackingSettings()
        self._continuity = Continuity()
        self._tracks = no_tracks()
        self._next_id = 1

    def update(
        self,
        poses: Sequence[Pose],
        *,
        stamp: float,
        image_size: Size,
        settings: TrackingSettings | None = None,
    ) -> list[Pose]:
        """
        Return the poses in an image, in the same order, with their track ids.

        `poses` are in pixels of the image. `stamp` is when it was taken, in seconds; images may be
        skipped, and the rate may change. `image_size` is (height, width). If the size changes, or
        the stamp jumps back by more than `track_max_age`, the tracker forgets everybody, and ids
        start again at 1. Without the setting `tracking`, ids are 0.
        """
        settings = settings or self.settings
        if self._continuity.breaks(stamp, image_size, tolerance=settings.track_max_age):
            self._tracks, self._next_id = no_tracks(), 1
        if not settings.tracking:
            self._tracks = no_tracks()
            return _numbered(poses, [0] * len(poses))
        self._tracks = _alive(self._tracks, stamp, settings)
        ids = self._match(poses, stamp, settings)
        return _numbered(poses, ids)

    def _match(self, poses: Sequence[Pose], stamp: float, settings: TrackingSettings) -> list[int]:
        """Return the id of each pose, and update the tracks."""
        people = gather(poses)
        sizes = people.sizes()
        scores = np.array([pose.score for pose in poses], float)
        strong = scores >= _MIN_START_SCORE
        predicted = self._tracks.predict(stamp)
        same, similar = self._similarities(people, sizes, predicted, stamp)
        single = ~_second_poses(same, scores)
        allowed = (similar >= settings.track_min_similarity) & single[:, np.newaxis]
        ranks = similar + 4 * strong[:, np.newaxis] + 2 * (self._tracks.ids > 0)
        rows, columns = assign(ranks, allowed)
        self._tracks.follow(
            columns,
            people.only(rows),
            sizes[rows],
            predicted=predicted,
            stamp=stamp,
            trust=similar[rows, columns],
        )
        new = strong & single
        new[rows] = False
        tracks = np.full(len(poses), -1)
        tracks[rows] = columns
        if np.logical_or.reduce(new):
            tracks[new] = len(self._tracks) + np.arange(np.count_nonzero(new))
            started = start_tracks(people.only(new), sizes[new], stamp)
            self._tracks = self._tracks.joined(started)
        self._give_ids(settings.track_min_hits)
        ids = self._tracks.ids.tolist()
        return [ids[track] if track >= 0 else 0 for track in tracks.tolist()]

    def _similarities(
        self, people: People, sizes: NDArray[np.float64], predicted: People, stamp: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the similarities of the poses, [poses, poses], and to the predicted tracks."""
        tracks = self._tracks
        count = len(sizes)
        drifts = uncertainties(tracks.sizes, tracks.velocities, tracks.gaps(stamp))
        # One call for both is faster.
        similar = similarities(
            people,
            people.joined(predicted),
            pose_sizes=sizes,
            track_sizes=np.concatenate([sizes, tracks.sizes]),
            uncertainties=np.concatenate([np.zeros((count, 2)), drifts]),
        )
        return similar[:, :count], similar[:, count:]

    def _give_ids(self, min_hits: int) -> None:
        """Give ids to the tracks that were found often enough, in order of their start."""
        tracks = self._tracks
        if tracks.ids.all():
            return
        due = np.flatnonzero((tracks.ids == 0) & (tracks.evidence >= min_hits))
        tracks.ids[due] = self._next_id + np.arange(len(due))
        self._next_id += len(due)


def _alive(tracks: Tracks, stamp: float, settings: TrackingSettings) -> Tracks:
    """Return the tracks that did not end before an image."""
    young = tracks.gaps(stamp) <= settings.track_max_age
    alive = tracks.only(young & ((tracks.ids > 0) | (tracks.evidence > 0)))
    if len(alive) <= _MAX_TRACKS:
        return alive
    newest = np.argsort(alive.seen, kind='stable')[-_MAX_TRACKS:]
    return alive.only(np.isin(np.arange(len(alive)), newest))


def _second_poses(same: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.bool_]:
    """
    Return which poses are second poses of a person with a higher score, bool [n].

    `same` are the similarities of the n poses to each other, [n, n].
    """
    limits = np.where(scores < _MIN_START_SCORE, _SAME_IF_WEAK, _SAME)
    better = scores[:, np.newaxis] < scores
    return np.asarray(np.logical_or.reduce((same > limits[:, np.newaxis]) & better, axis=1))


def _numbered(poses: Sequence[Pose], ids: Sequence[int]) -> list[Pose]:
    """Return poses with these ids."""
    # Several times faster than dataclasses.replace.
    return [
        Pose(pose.score, pose.keypoints, pose.keypoint_scores, number)
        for pose, number in zip(poses, ids, strict=True)
    ]
