"""The figures of each video and row, for tools/accuracy.py. Input: poses, work and times."""

from collections.abc import Sequence
from dataclasses import dataclass

from accuracy_rows import Row
from accuracy_video_coverage import Coverage, measure_coverage
from accuracy_video_runs import BASE, FULL_SIZE, ImageRun, VideoRuns
from accuracy_video_tracks import Clip, Video
import numpy as np
from numpy.typing import NDArray

from posenet_ros.estimation.attention_settings import AttentionSettings

#: Whoever is in view for longer than search_interval and this, in seconds, should have a pose.
_SLACK = 0.2


@dataclass(frozen=True)
class Errors:
    """How far keypoints are from the published ones, in pixels, over all images and keypoints."""

    median: float
    mean: float
    #: Images without a pose, which count in neither.
    missed: int


@dataclass(frozen=True)
class VideoRowFigures:
    """What was measured for a row on a video."""

    row: Row
    #: The mean CPU time and elapsed time of an image, divided by those of the base row.
    cpu: float
    wall: float
    #: Means per image.
    regions: float
    searches: float
    people: float
    #: None without published keypoints.
    errors: Errors | None
    #: None where one person is in view all the time.
    coverage: Coverage | None


@dataclass(frozen=True)
class VideoFigures:
    """What was measured on a video."""

    video: Video
    images: int
    rate: float
    rows: Sequence[VideoRowFigures]
    #: The mean elapsed time of the base row in milliseconds.
    base_milliseconds: float


def compute_video_figures(clip: Clip, runs: VideoRuns) -> VideoFigures:
    """Return the figures of all rows on a video; BASE and FULL_SIZE must be among them."""
    base = runs[BASE]
    rows = [
        VideoRowFigures(
            row=row,
            cpu=_mean([one.cpu for one in of_row]) / _mean([one.cpu for one in base]),
            wall=_mean([one.wall for one in of_row]) / _mean([one.wall for one in base]),
            regions=_mean([one.regions for one in of_row]),
            searches=_mean([one.searched for one in of_row]),
            people=_mean([len(one.poses) for one in of_row]),
            errors=None if clip.keypoints is None else compute_errors(of_row, clip.keypoints),
            coverage=_coverage(clip, runs, row) if clip.keypoints is None else None,
        )
        for row, of_row in runs.items()
    ]
    wall = _mean([one.wall for one in base])
    return VideoFigures(clip.video, len(clip.images), clip.rate, rows, wall)


def compute_errors(runs: Sequence[ImageRun], published: NDArray[np.float64]) -> Errors:
    """Return the errors of the pose with the highest score in each image."""
    best = [max(run.poses, key=lambda pose: pose.score, default=None) for run in runs]
    distances = [
        np.hypot(*(pose.keypoints - keypoints).T)
        for pose, keypoints in zip(best, published, strict=True)
        if pose
    ]
    missed = len(runs) - len(distances)
    if not distances:
        return Errors(np.nan, np.nan, missed)
    return Errors(float(np.median(distances)), float(np.mean(distances)), missed)


def _coverage(clip: Clip, runs: VideoRuns, row: Row) -> Coverage:
    height, width, _ = clip.images[0].shape
    return measure_coverage(
        [one.poses for one in runs[FULL_SIZE]],
        [one.poses for one in runs[row]],
        rate=clip.rate,
        image_size=(height, width),
        grace=row.group(AttentionSettings).search_interval + _SLACK,
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))
