"""
People who were lost: how similar a pose is to them, and how long they are remembered.

Whoever is hidden may stop or turn, so nobody knows where the person comes back. But size and
posture hardly change. So they are compared apart: the similarity of the poses if their middles
were at one place, times

    exp(-(x / u)^2 / 2 - (y / v)^2 / 2)

with the distance (x, y) of the pose from the prediction, the median over the common keypoints,
and how far off the prediction may be, (u, v). If the tolerance of each keypoint grew instead,
anybody in the area would be similar.

Whoever stands still and is hidden may start to walk, and then appears too far away for that, as a
new track. Its velocity tells where it came from: before it gets a new id, it is traced back to the
people who were lost standing. It is one of them if that person would have got there with this
velocity, starting at any time since then, and if no other track and no other person fit
(`find_returned`).
"""

from collections.abc import Sequence
import math

import numpy as np

from posenet_ros.tracking.motion import nearest_displacement, residuals, uncertainty, Vector
from posenet_ros.tracking.people import People
from posenet_ros.tracking.similarity import EXPONENTS, MIN_COMMON
from posenet_ros.tracking.tracks import Track, Tracks

# How far off the middle of somebody partly hidden is, in sizes.
_OFF = 0.1
# A pose that is at least this similar to somebody who was found in the previous image is not
# somebody who was lost.
_FITS = 0.8
# If no image arrives for this many seconds, everybody may have left: all tracks end.
_MAX_PAUSE = 60.0
# Keeps memory and time bounded if images have no stamps, so that nothing grows old.
_MAX_TRACKS = 300
# A pose that is less similar than this to somebody who was lost is far away.
_FAR = 0.05
# People who start to walk while hidden, chosen on the synthetic sequences with seeds 0 to 39: how
# similar a new track must be, and from which similarity on it may be another person; how far it
# may be off its way in sizes; and the ratio of its speed to its first velocity, which is too low.
_RETURNED, _POSSIBLE = 0.5, 0.05
_OFF_THE_WAY = 0.25
_MAX_SPEED_RATIO = 1.3
# In sizes per second: whoever was faster than this when lost did not stand, and a new track that
# is slower than this does not walk. Its velocity is known only after a few sightings.
_MAX_STANDING, _MIN_WALKING = 0.5, 0.2
_MIN_SIGHTINGS = 3
# Whoever was hidden for more seconds may have walked anywhere.
_MAX_HIDDEN = 1.0


def replace_lost(
    similar: Sequence[list[float]],
    people: People,
    sizes: Sequence[float],
    tracks: Sequence[Track],
    predicted: People,
    uncertainties: Sequence[Vector],
) -> None:
    """
    Replace the similarities of n poses to those of m tracks that were missed, in place.

    `similar` are n rows of m, `predicted` the people where they are predicted, and `uncertainties`
    how far off in x and y that may be. These and the sizes of the poses are in pixels.
    """
    lost = [index for index, track in enumerate(tracks) if track.missed]
    if not lost:
        return
    others = [index for index, track in enumerate(tracks) if not track.missed]
    pairs = []
    for row, values in enumerate(similar):
        near = [index for index in lost if values[index] >= _FAR]
        if near and all(values[index] < _FITS for index in others):
            pairs += [(row, index) for index in near]
        for index in lost:
            values[index] = 0.0
    if not pairs:
        return
    rows, columns = zip(*pairs, strict=True)
    back = reappearances(
        people.only(rows),
        predicted.only(columns),
        [min(sizes[row], tracks[index].size) for row, index in pairs],
        [uncertainties[index] for index in columns],
    )
    for (row, index), value in zip(pairs, back, strict=True):
        similar[row][index] = value


def reappearances(
    people: People, lost: People, sizes: Sequence[float], uncertainties: Sequence[Vector]
) -> list[float]:
    """
    Return the similarity, 0 to 1, of each of n poses to one of n lost people.

    `lost` are these people where they are predicted, and `uncertainties` how far that may be off
    in x and y. `sizes` are those of the smaller one of the two. All are in pixels. A pose with
    fewer than 4 keypoints that are visible in both has similarity 0.
    """
    common = people.visible & lost.visible
    middles = residuals(people, lost)
    offsets = people.keypoints - lost.keypoints
    offsets -= np.array(middles).T[:, :, np.newaxis]
    offsets *= offsets
    terms = offsets[0] + offsets[1]
    terms /= np.array([size * size for size in sizes])[:, np.newaxis] * EXPONENTS
    np.exp(terms, out=terms)
    sums = np.add.reduce(terms, axis=1, where=common).tolist()
    counts = np.add.reduce(common, axis=1).tolist()
    return [
        total / count * _near(middle, size, uncertainty) if count >= MIN_COMMON else 0.0
        for total, count, middle, size, uncertainty in zip(
            sums, counts, middles, sizes, uncertainties, strict=True
        )
    ]


def _near(middle: Vector, size: float, uncertainty: Vector) -> float:
    """Return how well the place fits, 0 to 1, from the distance of the middles in pixels."""
    off = _OFF * size
    x, y = middle[0] / (uncertainty[0] + off), middle[1] / (uncertainty[1] + off)
    return math.exp((x * x + y * y) / -2)


def find_returned(tracks: Tracks, new: Sequence[int], minimum: float) -> dict[int, int]:
    """
    Return which of the `new` tracks are people who were lost and started to walk: index by index.

    Tracks without an id are compared with those with an id that were lost before they started.
    They must be at least as similar as `minimum`.
    """
    pairs = _returning(tracks.tracks)
    if not any(newer in new for newer, _ in pairs):
        return {}
    rows, columns = zip(*pairs, strict=True)
    newer, before = tracks.people.only(rows), tracks.people.only(columns)
    walkers = [(tracks.tracks[row], tracks.tracks[column]) for row, column in pairs]
    sizes = [min(one.size, other.size) for one, other in walkers]
    moves, off = [], []
    for (one, other), size, move in zip(walkers, sizes, residuals(newer, before), strict=True):
        least, most = one.seen - one.started, _MAX_SPEED_RATIO * (one.seen - other.seen)
        moves.append(nearest_displacement(one.velocity, move, least=least, most=most))
        drift, _ = uncertainty(size, (0.0, 0.0), other.gap(one.seen))
        off.append((_OFF_THE_WAY * size + drift, drift))
    before.keypoints[...] += np.array(moves).T[:, :, np.newaxis]
    fit = reappearances(newer, before, sizes, off)
    possible = [pair for pair, value in zip(pairs, fit, strict=True) if value >= _POSSIBLE]
    return {
        row: column
        for (row, column), value, pair in zip(pairs, fit, walkers, strict=True)
        if row in new
        and value >= max(_RETURNED, minimum)
        and _started_to_walk(*pair)
        and sum(row == other or column == lost for other, lost in possible) == 1
    }


def _returning(tracks: Sequence[Track]) -> list[tuple[int, int]]:
    """Return the pairs of tracks without an id and tracks that were lost before these started."""
    lost = [index for index, track in enumerate(tracks) if track.missed and track.number]
    return [
        (index, other)
        for index, track in enumerate(tracks)
        if not track.number and not track.missed
        for other in lost
        if 0 < track.started - tracks[other].seen <= _MAX_HIDDEN
    ]


def _started_to_walk(walker: Track, lost: Track) -> bool:
    """Return whether the lost person stood and the new track walks."""
    stood = math.hypot(*lost.pace) <= _MAX_STANDING * lost.size
    walks = math.hypot(*walker.velocity) >= _MIN_WALKING * walker.size
    return stood and walks and walker.sightings >= _MIN_SIGHTINGS


def alive(tracks: Tracks, stamp: float, max_age: float) -> Tracks:
    """
    Return the tracks that did not end before an image.

    Those that were found in every image do not end after `max_age` seconds.
    """
    left = [
        index
        for index, track in enumerate(tracks.tracks)
        if stamp - track.seen <= (max_age if track.missed else _MAX_PAUSE)
        and (track.number or track.evidence > 0)
    ]
    if len(left) > _MAX_TRACKS:
        left.sort(key=lambda index: tracks.tracks[index].seen)
        left = sorted(left[-_MAX_TRACKS:])
    return tracks if len(left) == len(tracks) else tracks.only(left)
