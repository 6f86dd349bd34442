"""The time that positions in metres take, for tools/spatial.py."""

from collections.abc import Sequence
from dataclasses import replace
import time

from depth_scenes import CAMERA, make_scene
import numpy as np
from std_msgs.msg import Header

from posenet_ros.poses import Pose
from posenet_ros.ros.conversions.pose_3d_arrays import Pose3DArrays
from posenet_ros.spatial.depth_image import depth_image, DepthImage
from posenet_ros.spatial.position_smoothing import PositionSmoother
from posenet_ros.spatial.positions import locate
from posenet_ros.tracking.tracking_settings import TrackingSettings

_PEOPLE, _ROUNDS, _RUNS = (1, 5, 20), 40, 50

#: CPU time in milliseconds for an image: to locate people, to smooth their positions, and to
#: convert these to a message.
Times = tuple[float, float, float]


def measure_times() -> dict[int, Times]:
    """Return the CPU times by number of people."""
    scene = make_scene('walking', 2.0, 0)
    depth, pose = depth_image(scene.depth, CAMERA.image_size), scene.poses[0]
    return {
        count: _fastest([_beside(pose, number) for number in range(count)], depth)
        for count in _PEOPLE
    }


def _beside(pose: Pose, number: int) -> Pose:
    return replace(pose, keypoints=pose.keypoints + 2.0 * number, track_id=number + 1)


def _fastest(poses: Sequence[Pose], depth: DepthImage) -> Times:
    """Return the median times of the fastest round."""
    rounds = [_median_times(poses, depth) for _ in range(_ROUNDS)]
    return min(rounds, key=sum)


def _median_times(poses: Sequence[Pose], depth: DepthImage) -> Times:
    smoother, messages, settings = PositionSmoother(), Pose3DArrays(), TrackingSettings()
    size, runs = CAMERA.image_size, []
    for number in range(_RUNS):
        times = [time.thread_time()]
        found = locate(poses, depth, CAMERA)
        times.append(time.thread_time())
        found = smoother.update(found, stamp=number / 30, image_size=size, settings=settings)
        times.append(time.thread_time())
        messages.convert(found, Header(), size)
        runs.append(np.diff([*times, time.thread_time()]))
    located, smoothed, converted = (1000 * np.median(runs, axis=0)).tolist()
    return located, smoothed, converted
