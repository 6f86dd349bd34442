"""
Jitter and lag of smoothed keypoints on videos, for tools/tracking.py.

A still person: one frame of the video is repeated at 30 Hz, with the noise of a camera and of
compression, so that nothing moves but what the network finds. In the videos themselves, nobody is
really still: there, jitter is what changes from image to image while a person stays at a place.
Lag is the shift in time at which smoothed positions of the wrists differ least from the raw ones.
A correlation does not show it: while somebody walks steadily, it is the same for all shifts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation import load_estimator, ModelSettings, Pose, PoseEstimator
from posenet_ros.tracking import PersonTracker, PoseSmoother

Array = NDArray[np.float64]
Image = NDArray[np.uint8]

# The videos, and a frame of each in which people are well visible.
_VIDEOS = {'pose_1.mp4': 105, 'pose_squats.mp4': 0, 'vtest.avi': 100}
_MAX_FRAMES = 400
_STILL_IMAGES = 60
_STILL_RATE = 30.0
# Standard deviation of a camera's noise in grey levels, and the quality of JPEG.
_NOISE, _QUALITY = 6.0, 80
_MIN_SCORE = 0.3
_WRISTS = (9, 10)
# A person who moves less than this share of the height in so many seconds stays at a place.
_AT_A_PLACE, _WINDOW = 0.06, 0.6


@dataclass(frozen=True)
class VideoFigures:
    """Means over keypoints in pixels, raw and smoothed; median and largest lag in milliseconds."""

    name: str
    rate: float
    still: tuple[float, float]
    moving: tuple[float, float] | None
    lag: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class _Person:
    """Keypoints of one person over time: numbers of the images, raw and smoothed, [n, 17, 2]."""

    images: NDArray[np.intp]
    raw: Array
    smoothed: Array
    scores: Array


def measure_videos(folder: Path) -> list[VideoFigures]:
    """Return the figures of each video that is in a folder."""
    estimator = load_estimator(ModelSettings())
    return [
        _measure(folder / name, frame, estimator)
        for name, frame in _VIDEOS.items()
        if (folder / name).is_file()
    ]


def _measure(path: Path, frame: int, estimator: PoseEstimator) -> VideoFigures:
    video = cv2.VideoCapture(str(path))
    rate = video.get(cv2.CAP_PROP_FPS)
    images: list[Image] = []
    while len(images) < _MAX_FRAMES and (read := video.read())[0]:
        images.append(np.asarray(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), np.uint8))
    still = _people(_noisy(images[frame]), _STILL_RATE, estimator)
    moving = _people(images, rate, estimator)
    lags = [lag for person in moving for lag in _lags(person, rate)]
    return VideoFigures(
        path.name,
        rate,
        _mean([_deviations(person, slice(None), differences=False) for person in still])
        or (np.nan, np.nan),
        _mean(
            [
                _deviations(person, window, differences=True)
                for person in moving
                for window in _windows(person, rate)
            ]
        ),
        (float(np.median(lags)), max(lags)) if lags else None,
    )


def _noisy(image: Image) -> Iterable[Image]:
    rng = np.random.default_rng(0)
    for _ in range(_STILL_IMAGES):
        noisy = np.clip(image + rng.normal(0, _NOISE, image.shape), 0, 255).astype(np.uint8)
        _, encoded = cv2.imencode('.jpg', noisy, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        yield np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _people(images: Iterable[Image], rate: float, estimator: PoseEstimator) -> list[_Person]:
    """Return the people who are found in at least 20 images."""
    tracker, smoother = PersonTracker(), PoseSmoother()
    found: dict[int, list[tuple[int, Pose, Pose]]] = {}
    for number, image in enumerate(images):
        size = image.shape[0], image.shape[1]
        poses = estimator.estimate(image)
        tracked = tracker.update(poses, stamp=number / rate, image_size=size)
        smoothed = smoother.update(tracked, stamp=number / rate, image_size=size)
        for raw, smooth in zip(tracked, smoothed, strict=True):
            if raw.track_id:
                found.setdefault(raw.track_id, []).append((number, raw, smooth))
    return [
        _Person(
            np.array([number for number, _, _ in rows]),
            np.array([raw.keypoints for _, raw, _ in rows]),
            np.array([smooth.keypoints for _, _, smooth in rows]),
            np.array([raw.keypoint_scores for _, raw, _ in rows], float),
        )
        for rows in found.values()
        if len(rows) >= 20
    ]


def _windows(person: _Person, rate: float) -> Iterable[slice]:
    """Yield when a person stays at a place; the first second is left out."""
    length = max(6, round(_WINDOW * rate))
    for start in range(round(rate), len(person.raw) - length, length):
        window = slice(start, start + length)
        points = person.raw[window]
        height = float(np.ptp(points[:, :, 1], axis=1).mean())
        if np.ptp(np.median(points, axis=1), axis=0).max() < _AT_A_PLACE * height:
            yield window


def _deviations(person: _Person, window: slice, *, differences: bool) -> Array:
    """
    Return standard deviations in pixels, [2, keypoints], raw and smoothed, of visible keypoints.

    Those of differences between images are divided by the root of 2, so that white noise gives the
    same.
    """
    visible = (person.scores[window] >= _MIN_SCORE).all(axis=0)
    found = []
    for points in (person.raw[window], person.smoothed[window]):
        values = np.diff(points, axis=0) / np.sqrt(2) if differences else points
        found.append(np.hypot(*values.std(axis=0).T)[visible])
    return np.array(found)


def _mean(deviations: Sequence[Array]) -> tuple[float, float] | None:
    if not deviations:
        return None
    raw, smoothed = np.concatenate(deviations, axis=1).mean(axis=1).tolist()
    return raw, smoothed


def _lags(person: _Person, rate: float) -> list[float]:
    """Return the lags of the coordinates of the wrists that move, in ms."""
    height = float(np.median(np.ptp(person.raw[:, :, 1], axis=1)))
    lags = []
    for wrist in _WRISTS:
        seen = person.scores[:, wrist] >= _MIN_SCORE
        for axis in (0, 1):
            raw, smoothed = (p[seen, wrist, axis] for p in (person.raw, person.smoothed))
            if seen.sum() > 2 * rate and np.ptp(raw) > 0.3 * height:
                lags.append(_shift(person.images[seen] / rate, raw, smoothed))
    return lags


def _shift(times: Array, raw: Array, smoothed: Array) -> float:
    """Return by how many ms `smoothed` is late, from the least mean square of the difference."""
    fine = np.arange(times[0], times[-1], 0.001)
    early, late = (np.interp(fine, times, values) for values in (raw, smoothed))
    shifts = range(500)
    return float(min(shifts, key=lambda s: np.mean((early[: len(early) - s] - late[s:]) ** 2)))
