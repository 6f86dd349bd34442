"""
People who were lost: how similar a pose is to them, and how long they are remembered.

Whoever is hidden may stop or turn, so nobody knows where the person comes back. But size and
posture hardly change. So they are compared apart: the similarity of the poses if their middles
were at one place, times

    exp(-(x / u)^2 / 2 - (y / v)^2 / 2)

with the distance (x, y) of the pose from the prediction, the median over the common keypoints,
and how far off the prediction may be, (u, v). If the tolerance of each keypoint grew instead,
anybody in the area would be similar.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.tracking.motion import Vector
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
    rows = []
    for row, values in enumerate(similar):
        if all(values[index] < _FITS for index in others):
            rows.append(row)
        for index in lost:
            values[index] = 0.0
    if not rows:
        return
    back = reappearances(
        people.only(rows),
        [sizes[row] for row in rows],
        predicted.only(lost),
        [tracks[index].size for index in lost],
        [uncertainties[index] for index in lost],
    )
    for row, values in zip(rows, back, strict=True):
        for index, value in zip(lost, values, strict=True):
            similar[row][index] = value


def reappearances(
    people: People,
    sizes: Sequence[float],
    lost: People,
    lost_sizes: Sequence[float],
    uncertainties: Sequence[Vector],
) -> list[list[float]]:
    """
    Return the similarity, 0 to 1, of each of n poses to each of m lost people.

    `lost` are these people where they are predicted, and `uncertainties` how far that may be off
    in x and y. These and the sizes are in pixels. A pose with fewer than 4 keypoints that are
    visible in both has similarity 0.
    """
    common = people.visible[:, np.newaxis] & lost.visible
    # [2, n, m, 17]
    offsets = people.keypoints[:, :, np.newaxis] - lost.keypoints[:, np.newaxis]
    counts = np.add.reduce(common, axis=2)
    middles = _medians(offsets, common, counts)
    smaller = np.minimum(np.array(sizes)[:, np.newaxis], lost_sizes)
    offsets -= middles[..., np.newaxis]
    offsets *= offsets
    terms = (offsets[0] + offsets[1]) / (smaller * smaller)[..., np.newaxis]
    terms /= EXPONENTS
    np.exp(terms, out=terms)
    terms *= common
    shapes = np.add.reduce(terms, axis=2) / np.maximum(counts, 1)
    shapes *= counts >= MIN_COMMON
    middles /= np.array(uncertainties).T[:, np.newaxis] + _OFF * smaller
    middles *= middles
    shapes *= np.exp((middles[0] + middles[1]) / -2)
    values: list[list[float]] = shapes.tolist()
    return values


def _medians(
    offsets: NDArray[np.float64], common: NDArray[np.bool_], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the medians of the common keypoints' offsets, [2, n, m]; 0 where there are none."""
    ordered = np.where(common, offsets, np.inf)
    ordered.sort(axis=3)
    flat = ordered.reshape(2, -1, NUM_PARTS)
    ranks, pairs = counts.ravel(), np.arange(counts.size)
    middles = flat[:, pairs, np.maximum(ranks - 1, 0) >> 1] + flat[:, pairs, ranks >> 1]
    middles[:, ranks == 0] = 0.0
    medians: NDArray[np.float64] = middles.reshape(2, *counts.shape) / 2
    return medians


def alive(tracks: Tracks, stamp: float, max_age: float) -> Tracks:
    """
    Return the tracks that did not end before an image.

    Those that were found in every image do not end after `max_age` seconds.
    """
    left = [
        index
        for index, track in enumerate(tracks.tracks)
        if track.gap(stamp) <= (max_age if track.missed else _MAX_PAUSE)
        and (track.number or track.evidence > 0)
    ]
    if len(left) > _MAX_TRACKS:
        left.sort(key=lambda index: tracks.tracks[index].seen)
        left = sorted(left[-_MAX_TRACKS:])
    return tracks if len(left) == len(tracks) else tracks.only(left)
