"""
The tracker: ids that follow people from image to image.

For each image, the tracker predicts where the known people are, compares the poses with them
(similarity.py), and assigns poses to tracks (assignment.py) in this order:

1. poses with a high score before those with a low one, which there are if min_pose_score is low.
   The decoder often finds a person twice: the second pose shares most keypoints with the first and
   has a score of 0.05 to 0.1. It must not take the id. But if a person is hard to see, a pose with
   a low score is all there is (Zhang et al., "ByteTrack", 2022);
2. tracks with an id before those without;
3. the most similar first.

A pose that is left starts a track, unless its score is low or it is nearly the same as a better
pose. A new track has no id until its sightings outnumber the images in which it was missed by
`track_min_hits`; it ends when they do not outnumber them any more. A track with an id ends when
the person was not found for `track_max_age` and in at least one image: somebody who is found in
every image keeps the id at any rate of images.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.assignment import assign
from posenet_ros.tracking.continuity import Continuity
from posenet_ros.tracking.people import Found, gather
from posenet_ros.tracking.similarity import similarities
from posenet_ros.tracking.tracking_settings import TrackingSettings
from posenet_ros.tracking.tracks import no_tracks, start_tracks, Tracks

# Poses with a lower score do not start tracks. It is the default of min_pose_score, so it matters
# only with a lower one.
_MIN_START_SCORE = 0.15
# A pose that is more similar than this to a better pose of the same image is a second pose of the
# same person. Poses with a low score, which the decoder gives if most of the keypoints belong to
# another pose, are second poses already if they are less similar.
_SAME = 0.75
_SAME_IF_WEAK = 0.4
# If no image arrives for this many seconds, everybody may have left: all tracks end.
_MAX_PAUSE = 60.0
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

    def forget(self) -> None:
        """Forget everybody; no id is given twice."""
        self._tracks = no_tracks()

    @property
    def num_present(self) -> int:
        """Return the number of people who were found in the newest image."""
        return sum(not track.missed for track in self._tracks.tracks)

    def expected(self, stamp: float) -> list[Pose]:
        """
        Return where the known people should be in an image that was taken at a time in seconds.

        The keypoints are those of the newest poses, moved with the person's velocity. Those that
        were visible there or up to half a second before have a score of 1, and the others of 0.
        """
        tracks = _alive(self._tracks, stamp, self.settings)
        predicted = tracks.predict(stamp)
        keypoints = np.ascontiguousarray(predicted.keypoints.transpose(1, 2, 0))
        scores = tracks.recently_visible().astype(np.float32)
        return [
            Pose(1.0, its_keypoints, its_scores, track.number)
            for its_keypoints, its_scores, track in zip(
                keypoints, scores, tracks.tracks, strict=True
            )
        ]

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
        Return the poses in an image, in the same order, with their track ids.

        `poses` are in pixels of the image. `stamp` is when it was taken, in seconds; images may be
        skipped, and the rate may change. `image_size` is (height, width). If the size changes, or
        the stamp jumps back by more than 0.2 seconds, the tracker forgets everybody, and ids
        start again at 1. Without the setting `tracking`, ids are 0. If you have what `gather`
        returned for the poses, pass it as `found`.
        """
        settings = settings or self.settings
        if self._continuity.breaks(stamp, image_size):
            self.forget()
            self._next_id = 1
        if not settings.tracking:
            self.forget()
            return _numbered(poses, [0] * len(poses))
        self._tracks = _alive(self._tracks, stamp, settings)
        scores = [pose.score for pose in poses]
        return _numbered(poses, self._match(found or gather(poses), scores, stamp, settings))

    def _match(
        self, found: Found, scores: Sequence[float], stamp: float, settings: TrackingSettings
    ) -> list[int]:
        """Return the id of each pose, and update the tracks."""
        people, sizes, tracks = found.people, found.sizes, self._tracks
        predicted = tracks.predict(stamp)
        # One call for the similarities to the other poses and to the tracks is faster.
        similar = similarities(
            people.joined(predicted),
            len(sizes),
            sizes=[*sizes, *(track.size for track in tracks.tracks)],
            uncertainties=[*[(0.0, 0.0)] * len(sizes), *tracks.uncertainties(stamp)],
        )
        second = _second_poses(similar, scores)
        count = len(sizes)
        to_tracks = [values[count:] for values in similar]
        pairs = assign(self._candidates(to_tracks, scores, second, settings.track_min_similarity))
        rows = list(pairs)
        tracks.follow(
            list(pairs.values()),
            people.only(rows),
            [sizes[row] for row in rows],
            predicted=predicted,
            stamp=stamp,
            trust=[to_tracks[row][column] for row, column in pairs.items()],
        )
        new = [
            row
            for row, score in enumerate(scores)
            if score >= _MIN_START_SCORE and row not in pairs and row not in second
        ]
        if new:
            pairs |= {row: len(tracks) + number for number, row in enumerate(new)}
            started = start_tracks(people.only(new), [sizes[row] for row in new], stamp)
            self._tracks = tracks = tracks.joined(started)
        self._give_ids(settings.track_min_hits)
        return [
            tracks.tracks[pairs[row]].number if row in pairs else 0 for row in range(len(scores))
        ]

    def _candidates(
        self,
        similar: Sequence[Sequence[float]],
        scores: Sequence[float],
        second: set[int],
        minimum: float,
    ) -> Iterator[tuple[float, int, int]]:
        """Return the pairs of poses and tracks that may belong together, for `assign`."""
        for row, values in enumerate(similar):
            if row in second:
                continue
            strong = scores[row] >= _MIN_START_SCORE
            for column, value in enumerate(values):
                if value >= minimum:
                    known = self._tracks.tracks[column].number > 0
                    yield value + 4 * strong + 2 * known, row, column

    def _give_ids(self, min_hits: int) -> None:
        """Give ids to the tracks that were found often enough, in order of their start."""
        for track in self._tracks.tracks:
            if not track.number and track.evidence >= min_hits:
                track.number = self._next_id
                self._next_id += 1


def _alive(tracks: Tracks, stamp: float, settings: TrackingSettings) -> Tracks:
    """Return the tracks that did not end before an image."""
    alive = [
        index
        for index, track in enumerate(tracks.tracks)
        if track.gap(stamp) <= (settings.track_max_age if track.missed else _MAX_PAUSE)
        and (track.number or track.evidence > 0)
    ]
    if len(alive) > _MAX_TRACKS:
        alive.sort(key=lambda index: tracks.tracks[index].seen)
        alive = sorted(alive[-_MAX_TRACKS:])
    return tracks if len(alive) == len(tracks) else tracks.only(alive)


def _second_poses(similar: Sequence[list[float]], scores: Sequence[float]) -> set[int]:
    """
    Return the indices of the poses that are second poses of a person with a higher score.

    `similar` are n rows of similarities of which the first n are those to the other poses.
    """
    second = set()
    count = len(scores)
    for row, (score, values) in enumerate(zip(scores, similar, strict=True)):
        following = row + 1
        others = values[:row] + values[following:count]
        if max(others, default=0.0) <= _SAME_IF_WEAK:
            # Most poses: this is faster than to compare the scores, too.
            continue
        limit = _SAME_IF_WEAK if score < _MIN_START_SCORE else _SAME
        if any(score < scores[index] and values[index] > limit for index in range(count)):
            second.add(row)
    return second


def _numbered(poses: Sequence[Pose], ids: Sequence[int]) -> list[Pose]:
    """Return poses with these ids."""
    # Several times faster than dataclasses.replace.
    return [
        Pose(pose.score, pose.keypoints, pose.keypoint_scores, number)
        for pose, number in zip(poses, ids, strict=True)
    ]
