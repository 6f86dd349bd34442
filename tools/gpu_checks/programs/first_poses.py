"""A process that finds the poses of one image, as a node does that was just started."""

import time

from gpu_checks.correctness.subjects import default_graph, load, people
from gpu_checks.plan import Plan, Result

from posenet_ros.estimation.estimator import PoseEstimator


def run(plan: Plan) -> Result:
    """Return when it has imported, loaded and found poses, in seconds of the monotonic clock."""
    imported = time.monotonic()
    network = load(plan, default_graph())
    loaded = time.monotonic()
    poses = PoseEstimator(network).estimate(people(480, 640))
    return {
        'imported': imported,
        'loaded': loaded,
        'poses': time.monotonic(),
        'people': len(poses),
        'provider': network.execution_provider,
    }
