"""
Measure tracking and smoothing, beside norfair and the tracker of tfjs pose-detection.

`make tracking` runs this program. It writes the tables of docs/tracking.md:

- synthetic sequences with known truth (test/support/made_scenes.py): IDF1, id switches and
  fragmentations, computed by py-motmetrics. The tracker's constants were chosen on other seeds.
  All trackers get the same poses: those that the default min_pose_score keeps, and then all of
  them, with the second poses of the same person that the decoder finds;
- videos, if --videos names a folder that has them: jitter and lag of the smoothed keypoints;
- the time that tracking and smoothing take.

Each detection in an image is one object: nothing is lost by a person who was not found, and a
detection of nobody that gets an id counts as a false positive. Norfair needs a Python of its own,
as it does not support NumPy 2; without --norfair, its columns are left out.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
import functools
from pathlib import Path
import pickle
import subprocess
from typing import Any

from made_people import Detection, IMAGE_SIZE, MadeImage
from made_scenes import SCENES
import motmetrics
import numpy as np
from tfjs_tracker import TfjsTracker
from tracking_page import Figures, write_page
from tracking_time import measure_times
from tracking_video import measure_videos

from posenet_ros.tracking import PersonTracker

_WORKER = Path(__file__).with_name('norfair_worker.py')
# The settings of norfair are chosen for each sequence on these seeds, as our constants were.
_CHOOSING_SEEDS = range(2)
_NEAR = (20.0, 30.0, 40.0, 60.0)
_DELAY = 3
# The default of min_pose_score, which leaves out second poses, and 0, which keeps all poses.
_MIN_SCORES = (0.15, 0.0)

Ids = list[list[int]]
Track = Callable[[list[MadeImage]], Ids]


class Norfair:
    """Norfair's tracker in another process."""

    def __init__(self, python: str) -> None:
        """Start it with a Python that has norfair."""
        self._process = subprocess.Popen(
            [python, str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.version = self._read()

    def track(self, images: Sequence[MadeImage], near: float) -> Ids:
        """Return the ids of all detections; people are forgotten after a second, as by ours."""
        rate = (len(images) - 1) / (images[-1].stamp - images[0].stamp)
        options = {'near': near, 'inertia': round(rate), 'delay': _DELAY}
        poses = [
            [(one.pose.keypoints, one.pose.keypoint_scores) for one in image.detections]
            for image in images
        ]
        assert self._process.stdin
        pickle.dump((options, poses), self._process.stdin)
        self._process.stdin.flush()
        ids: Ids = self._read()[0]
        return ids

    def tuned(self, name: str, min_score: float) -> Track:
        """Return it with the setting that is best for a sequence, as `measure` scores it."""

        def with_setting(near: float) -> Track:
            return lambda images: self.track(images, near)

        def quality(near: float) -> float:
            return measure(with_setting(near), name, _CHOOSING_SEEDS, min_score)['idf1']

        return with_setting(max(_NEAR, key=quality))

    def stop(self) -> None:
        """Close the process's input, and wait until it has ended."""
        self._process.communicate()

    def _read(self) -> Any:
        assert self._process.stdout
        return pickle.load(self._process.stdout)


def track_ours(images: Sequence[MadeImage]) -> Ids:
    """Return the ids of our tracker with its defaults."""
    tracker = PersonTracker()
    return [
        [
            pose.track_id
            for pose in tracker.update(
                [one.pose for one in image.detections], stamp=image.stamp, image_size=IMAGE_SIZE
            )
        ]
        for image in images
    ]


def track_as_tfjs(images: Sequence[MadeImage]) -> Ids:
    """Return the ids of the tracker of tfjs pose-detection."""
    tracker = TfjsTracker(IMAGE_SIZE)
    return [tracker.update([one.pose for one in i.detections], i.stamp) for i in images]


@functools.lru_cache(maxsize=32)
def _scene(name: str, seed: int) -> list[MadeImage]:
    """Return the images of a synthetic sequence, which take longer to make than to track."""
    return SCENES[name](seed)


def measure(track: Track, name: str, seeds: Sequence[int], min_score: float) -> dict[str, float]:
    """
    Return the means of IDF1, id switches and fragmentations over the seeds.

    The tracker gets only the poses with at least the minimum score. The others have no id.
    """
    metrics = ['idf1', 'num_switches', 'num_fragmentations']
    host = motmetrics.metrics.create()
    runs = []
    for seed in seeds:
        images = [_strong(image, min_score) for image in _scene(name, seed)]
        summary = host.compute(_compared(images, track(images)), metrics=metrics)
        runs.append([float(summary[metric].iloc[0]) for metric in metrics])
    return dict(zip(metrics, np.mean(runs, axis=0).tolist(), strict=True))


def _strong(image: MadeImage, min_score: float) -> MadeImage:
    """Return an image without the detections below a score, of which none is a person."""
    kept: list[Detection] = []
    for one in image.detections:
        if one.pose.score >= min_score:
            kept.append(one)
        elif one.person:
            raise ValueError('a pose of a person has a low score: leaving it out is not neutral')
    return MadeImage(image.stamp, kept)


def _compared(images: Sequence[MadeImage], ids: Ids) -> Any:
    """Return motmetrics' accumulator of the true people and the ids of the same detections."""
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for image, of_image in zip(images, ids, strict=True):
        people = [one.person for one in image.detections]
        true = [index for index, person in enumerate(people) if person]
        given = [index for index, number in enumerate(of_image) if number]
        apart = np.where(np.equal.outer(true, given), 0.0, np.nan)
        accumulator.update(
            [people[index] for index in true], [of_image[index] for index in given], apart
        )
    return accumulator


def _measure_scenes(
    norfair: Norfair | None, seeds: Sequence[int], min_score: float
) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """Return the metrics by sequence and tracker."""
    made: dict[str, dict[str, dict[str, float]]] = {}
    for name in SCENES:
        trackers: dict[str, Track] = {'posenet_ros': track_ours, 'tfjs': track_as_tfjs}
        if norfair:
            trackers[f'norfair {norfair.version}'] = norfair.tuned(name, min_score)
        made[name] = {
            key: measure(track, name, seeds, min_score) for key, track in trackers.items()
        }
        print(min_score, name, made[name], flush=True)
    return made


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--norfair', default='', help='Python that has norfair')
    parser.add_argument('--videos', type=Path, help='folder with the videos')
    parser.add_argument('--seeds', type=int, default=10, help='runs of each synthetic sequence')
    parsed = parser.parse_args()
    seeds = range(100, 100 + parsed.seeds)
    norfair = Norfair(parsed.norfair) if parsed.norfair else None
    made = {score: _measure_scenes(norfair, seeds, score) for score in _MIN_SCORES}
    if norfair:
        norfair.stop()
    videos = measure_videos(parsed.videos) if parsed.videos else []
    write_page(Figures(made, videos, measure_times(), parsed.seeds))


if __name__ == '__main__':
    main()
