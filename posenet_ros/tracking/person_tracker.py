"""
The tracker: ids that follow people from image to image.

For each image, the tracker predicts where the known people are, compares the poses with them
(similarity.py), and assigns poses to tracks (assignment.py) in this order:

1. poses with a high score before those with a low one, which there are if min_pose_score is low.
   The decoder often finds a person twice: the second pose shares most keypoints with the first and
   has a score of 0.05 to 0.1. It must not take the id. But if a person is hard to see, a pose with
   a low score is all there is (Zhang et al., "ByteTrack", 2022);
2. tracks with an id before those without;
3. tracks that were missed in the previous image before those that were not, but are hardly
   similar;
4. the most similar first.

A pose that is left starts a track, unless its score is low or it is nearly the same as a better
pose. A new track has no id until its sightings outnumber the images in which it was missed by
`track_min_hits`; it ends when they do not outnumber them any more. A sighting with a score below
0.45 counts less, because things that are taken for people have low scores. The id is a new one, or
that of a person who was lost standing and now walks away from there (`find_returned`).

A track with an id ends when the person was not found for `track_max_age` and in at least one
image: somebody who is found in every image keeps the id at any rate of images. When the sightings
of such a track do not outnumber the images without it any more, it keeps its number, but poses
with a low score do not show it until there were as many sightings again as for a new track.
"""

from collections.abc import Sequence

import numpy as np

from posenet_ros.framing.framing import Size
from posenet_ros.poses import Pose
from posenet_ros.tracking.assignment import assign, find_candidates
from posenet_ros.tracking.image_times import Continuity
from posenet_ros.tracking.people import Found, gather, numbered, People
from posenet_ros.tracking.reappearance import alive, find_returned, replace_lost
from posenet_ros.tracking.similarity import (
    close_pairs,
    second_poses,
    shared_keypoints,
    similarities,
    WEAK,
)
from posenet_ros.tracking.tracking_settings import TrackingSettings
from posenet_ros.tracking.tracks import no_tracks, start_tracks, Track


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
    def present(self) -> list[Track]:
        """Return the people who were found in the newest image; `update` changes them."""
        return [track for track in self._tracks.tracks if not track.missed]

    def expected(self, stamp: float) -> list[Pose]:
        """
        Return the newest poses of the known people, moved to a time in seconds.

        Keypoints that were visible then or shortly before have a score of 1, and the others of 0.
        """
        tracks = alive(self._tracks, stamp, self.settings.track_max_age)
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
            self._tracks, self._next_id = no_tracks(), 1
        if not settings.tracking:
            self.forget()
            return numbered(poses, [0] * len(poses))
        self._tracks = alive(self._tracks, stamp, settings.track_max_age)
        scores = [pose.score for pose in poses]
        return numbered(poses, self._match(found or gather(poses), scores, stamp, settings))

    def _match(
        self, found: Found, scores: Sequence[float], stamp: float, settings: TrackingSettings
    ) -> list[int]:
        """Return the id of each pose, and update the tracks."""
        tracks = self._tracks
        predicted = tracks.predict(stamp)
        people, sizes, second, similar = self._compare(found, predicted, scores, stamp)
        candidates = find_candidates(
            similar, scores, second, tracks.tracks, minimum=settings.track_min_similarity
        )
        pairs = assign(candidates)
        rows = sorted(pairs)
        columns = [pairs[row] for row in rows]
        tracks.follow(
            columns,
            people if len(rows) == len(scores) else people.only(rows),
            [sizes[row] for row in rows],
            predicted=predicted,
            stamp=stamp,
            trust=[similar[row][column] for row, column in zip(rows, columns, strict=True)],
            scores=[scores[row] for row in rows],
        )
        new = [
            row
            for row, score in enumerate(scores)
            if score >= WEAK and row not in pairs and row not in second
        ]
        if new:
            pairs |= {row: len(tracks) + number for number, row in enumerate(new)}
            started = start_tracks(people.only(new), [sizes[row] for row in new], stamp)
            self._tracks = tracks = tracks.joined(started)
        self._give_ids(settings)
        return [
            tracks.tracks[pairs[row]].id_of(score) if row in pairs else 0
            for row, score in enumerate(scores)
        ]

    def _compare(
        self, found: Found, predicted: People, scores: Sequence[float], stamp: float
    ) -> tuple[People, list[float], set[int], list[list[float]]]:
        """
        Return n poses without shared keypoints, sizes in pixels, and indices of second poses.

        Also return n rows of similarities to the tracks.
        """
        people, sizes, count = found.people, found.sizes, len(found.sizes)
        known = self._tracks.tracks
        uncertainties = self._tracks.uncertainties(stamp)
        similar = similarities(
            people.joined(predicted),
            count,
            sizes=[*sizes, *[track.size for track in known]],
            uncertainties=[*[(0.0, 0.0)] * count, *uncertainties],
        )
        pairs = close_pairs(similar.values, scores)
        second = second_poses(similar.values, scores, pairs)
        shared = shared_keypoints(people, similar, pairs)
        values = similar.values
        if shared:
            people = people.without(shared)
            sizes, values = people.sizes(), similar.with_visible(people.visible)
        to_tracks = [of_pose[count:] for of_pose in values]
        replace_lost(to_tracks, people, sizes, known, predicted, uncertainties)
        return people, sizes, second, to_tracks

    def _give_ids(self, settings: TrackingSettings) -> None:
        """Give ids to the tracks that were found often enough, in order of their start."""
        tracks = self._tracks.tracks
        due = [
            index
            for index, track in enumerate(tracks)
            if not track.confirmed and track.evidence >= settings.track_min_hits
        ]
        returned = find_returned(self._tracks, due, settings.track_min_similarity) if due else {}
        for index in due:
            track = tracks[index]
            track.confirmed = True
            if index in returned:
                track.take_over(tracks[returned[index]])
            elif not track.number:
                track.number = self._next_id
                self._next_id += 1
