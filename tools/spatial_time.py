"""The time that positions in metres take, for tools/spatial.py."""

from collections.abc import Sequence
from dataclasses import replace
import time

from depth_scenes import CAMERA, make_scene
import numpy as np

from posenet_ros.poses import Pose
from posenet_ros.spatial.depth_image import depth_image, DepthImage
from posenet_ros.spatial.positions import locate

_PEOPLE, _ROUNDS, _RUNS = (1, 5, 20), 10, 50


def measure_times() -> dict[int, float]:
    """Return the CPU time in milliseconds for an image, by number of people."""
    scene = make_scene('walking', 2.0, 0)
    depth, pose = depth_image(scene.depth, CAMERA.image_size), scene.poses[0]
    return {
        count: min(
            _median_time([_beside(pose, number) for number in range(count)], depth)
            for _ in range(_ROUNDS)
        )
        for count in _PEOPLE
    }


def _beside(pose: Pose, number: int) -> Pose:
    return replace(pose, keypoints=pose.keypoints + 2.0 * number)


def _median_time(poses: Sequence[Pose], depth: DepthImage) -> float:
    runs = []
    for _ in range(_RUNS):
        start = time.thread_time()
        locate(poses, depth, CAMERA)
        runs.append(time.thread_time() - start)
    return 1000 * float(np.median(runs))
