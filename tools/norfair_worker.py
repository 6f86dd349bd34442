"""
Norfair's tracker for tools/tracking.py, in its own process and another Python.

Standard input: pickles of (options, images). An image is a list of poses, each a pair of arrays:
keypoints [17, 2] in pixels and scores [17]. Standard output, as pickles: first Norfair's version;
then, for each sequence, the id of every pose of each image, 0 for none, and the seconds for all
images.

The distance is Norfair's voting distance for keypoints: 1 / (1 + the number of common keypoints
that are less than `near` pixels apart).
"""

from importlib.metadata import version
import pickle
import sys
import time
from typing import Any

import norfair
from norfair.distances import create_keypoints_voting_distance

_MIN_SCORE = 0.3
# At least 4 keypoints must be near.
_MAX_DISTANCE = 0.21


def main() -> None:
    """Track each sequence until standard input ends."""
    _send(version('norfair'))
    while True:
        try:
            options, images = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        start = time.perf_counter()
        ids = _track(images, **options)
        _send((ids, time.perf_counter() - start))


def _track(images: Any, *, near: float, inertia: int, delay: int) -> list[list[int]]:
    """Return the ids; see `norfair.Tracker` for inertia (hit_counter_max) and delay, in images."""
    tracker = norfair.Tracker(
        distance_function=create_keypoints_voting_distance(near, _MIN_SCORE),
        distance_threshold=_MAX_DISTANCE,
        detection_threshold=_MIN_SCORE,
        hit_counter_max=inertia,
        initialization_delay=delay,
    )
    found = []
    for number, poses in enumerate(images):
        detections = [
            norfair.Detection(points=points, scores=scores, data=(number, index))
            for index, (points, scores) in enumerate(poses)
        ]
        ids = [0] * len(poses)
        for tracked in tracker.update(detections):
            image, index = tracked.last_detection.data
            if image == number:
                ids[index] = tracked.id
        found.append(ids)
    return found


def _send(message: Any) -> None:
    pickle.dump(message, sys.stdout.buffer)
    sys.stdout.buffer.flush()


if __name__ == '__main__':
    main()
