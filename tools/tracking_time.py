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
    """
    Return milliseconds of CPU time for an image: tracking, smoothing; by number of people.

    They are the medians over the images in the fastest of some rounds. CPU time does not count
    while other processes run, but their use of the caches and of the same core makes it longer.
    So the rounds of all numbers of people take turns: each number finds the quiet moments.
    """
    made = {count: _images(count) for count in _PEOPLE}
    rounds = [{count: _round(made[count]) for count in _PEOPLE} for _ in range(_ROUNDS)]
    return {count: min((one[count] for one in rounds), key=sum) for count in _PEOPLE}


def _images(count: int) -> list[MadeImage]:
    """Return 5 seconds of images of people."""
    return find_people(
        [_person(number) for number in range(count)],
        [number / 30 for number in range(150)],
        seed=0,
        errors=Errors(doubles=0),
    )


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
