"""The time that tracking and smoothing take, for tools/tracking.py."""

import time

from made_people import Errors, find_people, IMAGE_SIZE, Walker
import numpy as np

from posenet_ros.tracking import TrackingSettings
from posenet_ros.tracking.tracked_camera import TrackedCamera

_PEOPLE = (5, 20)
_ROUNDS = 10


def measure_times() -> dict[int, tuple[float, float]]:
    """Return milliseconds of CPU time for an image: tracking, smoothing; by number of people."""
    return {count: _time(count) for count in _PEOPLE}


def _time(count: int) -> tuple[float, float]:
    """Return the median times of the fastest of some rounds."""
    return min((_round(count) for _ in range(_ROUNDS)), key=sum)


def _round(count: int) -> tuple[float, float]:
    walkers = [
        Walker(
            number + 1,
            (0.0, 10.0),
            ((20.0 + 30 * number, 460.0), (40.0 + 30 * number, 460.0)),
            100.0,
        )
        for number in range(count)
    ]
    images = find_people(
        walkers, [number / 30 for number in range(150)], seed=0, errors=Errors(doubles=0)
    )
    camera, settings = TrackedCamera(), TrackingSettings()
    times = []
    for image in images:
        poses = [one.pose for one in image.detections]
        start = time.thread_time()
        camera.track(
            poses, stamp=image.stamp, received=0.0, image_size=IMAGE_SIZE, settings=settings
        )
        middle = time.thread_time()
        camera.smooth()
        times.append((middle - start, time.thread_time() - middle))
    tracking, smoothing = np.median(times, axis=0) * 1e3
    return float(tracking), float(smoothing)
