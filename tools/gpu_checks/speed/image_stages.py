"""The time of each stage from an image to its poses, for any network, image and number of them."""

from collections.abc import Sequence

from gpu_checks.correctness.subjects import Image
from gpu_checks.plan import Result
from gpu_checks.speed.networks import MeasuredNetwork
from gpu_checks.speed.timing import median, p95, time_wall, Timed

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.posenet.graph_feed import make_feed
from posenet_ros.settings import PoseSettings

#: The stages in order. The first and the last of them run on the CPU.
STAGES = ('sampling', 'upload', 'session', 'download', 'decoding')
#: The session's runs alone, as the GPU's events measure them.
GPU = 'gpu'
#: From images to poses, as in a node.
WHOLE = 'image_to_poses'

#: The milliseconds of each call in each round, by name.
Times = dict[str, list[float]]


def stage_calls(
    measured: MeasuredNetwork, images: Sequence[Image], settings: PoseSettings
) -> dict[str, Timed]:
    """
    Return a function for each stage of a run with images of one size, and for the whole.

    Each returns its milliseconds. The stages use buffers of their own, in the same session.
    """
    network = measured.network
    estimator = PoseEstimator(network, settings)
    framings = [estimator.frame((image.shape[0], image.shape[1])) for image in images]
    feed = make_feed(images, framings, network.output_stride)
    buffers = measured.buffers(feed)
    runs = measured.runs(buffers.binding)
    buffers.upload(feed)
    runs.run()
    heads = network.infer(images, framings)
    calls = {
        'sampling': time_wall(lambda: make_feed(images, framings, network.output_stride)),
        'upload': time_wall(lambda: buffers.upload(feed)),
        'session': time_wall(runs.run),
        'download': time_wall(buffers.download),
        'decoding': time_wall(lambda: [network.decode(one, settings) for one in heads]),
        WHOLE: time_wall(
            lambda: [estimator.decode(inferred) for inferred in estimator.infer(images)]
        ),
    }
    if measured.is_on_stream:
        calls[GPU] = lambda: measured.stream.measure(lambda: runs.run(wait=False))
    return calls


def describe_stages(times: Times) -> Result:
    """
    Return the median milliseconds of each stage, the share of the rest, and two 95th percentiles.

    `other` is what the whole takes more than all stages: the checks of the heads, for example.
    """
    medians = {name: median(times[name]) for name in STAGES}
    whole = median(times[WHOLE])
    return {
        **medians,
        'other': round(whole - sum(medians.values()), 4),
        WHOLE: whole,
        GPU: median(times[GPU]) if GPU in times else None,
        'session_p95': p95(times['session']),
        f'{WHOLE}_p95': p95(times[WHOLE]),
        'rounds': len(times[WHOLE]),
    }


def shares(row: Result) -> Result:
    """Return the percentage of each stage in the time from image to poses."""
    return {name: round(100 * row[name] / row[WHOLE], 1) for name in (*STAGES, 'other')}
