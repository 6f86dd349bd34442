"""The time that tracking and smoothing take, for tools/tracking.py."""

from collections.abc import Sequence
import time

from made_people import Errors, find_people, IMAGE_SIZE, MadeImage, Walker
import numpy as np

from posenet_ros.tracking import TrackingSettings
from posenet_ros.tracking.tracked_camera import TrackedCamera

# The parameter max_pose_detections allows up to 100.
_PEOPLE = (5, 20, 100)
_ROUNDS = 10
# Rows of people, in pixels of a made image.
_IN_A_ROW, _ROW_HEIGHT = 20, 90.0


def measure_times() -> dict[int, tuple[float, float]]:
    """Return milliseconds of CPU time for an image: tracking, smoothing; by number of people."""
    return {count: _time(count) for count in _PEOPLE}


def _time(count: int) -> tuple[float, float]:
    """Return the median times of the fastest of some rounds."""
    images = find_people(
        [_person(number) for number in range(count)],
        [number / 30 for number in range(150)],
        seed=0,
        errors=Errors(doubles=0),
    )
    return min((_round(images) for _ in range(_ROUNDS)), key=sum)


def _person(number: int) -> Walker:
    """Return somebody who moves by 20 pixels in 10 seconds."""
    row, place = divmod(number, _IN_A_ROW)
    x, y = 20.0 + 30 * place, 460.0 - _ROW_HEIGHT * row
    return Walker(number + 1, (0.0, 10.0), ((x, y), (x + 20, y)), 100.0)


def _round(images: Sequence[MadeImage]) -> tuple[float, float]:
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
