"""The stages from an image message to what is published, on one image."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pictures import picture, SIZES
from sensor_msgs.msg import Image
from session import bare_runs, estimator
from std_msgs.msg import Header
from timing import Call, ratio, summaries, take_turns

from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.framing.framing import Framing
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.ros.conversions.images import to_image, to_rgb
from posenet_ros.ros.conversions.pose_arrays import to_pose_array

#: In the order in which an image passes through them. Their sum is what the node's own code does.
STAGES = {
    'to_array': 'message to array (rgb8: a view)',
    'framing': 'framing and padding',
    'network': 'network, with our wrapper',
    'decoding': 'decoding',
    'to_image': 'back to pixels of the image',
    'message': 'message building',
}

#: Beside the way to the poses.
EXTRAS = {
    'to_array_bgr8': 'message to array (bgr8)',
    'drawing': 'drawing',
    'annotated': 'annotated image to message',
}


def measure_stages(rounds: int) -> dict[str, Any]:
    """Return the times of all stages, in ms, and ratios to the bare runs, by image size."""
    return {
        name: _measure(picture(size), rounds if size[0] < 1000 else max(1, rounds // 3))
        for name, size in SIZES.items()
    }


def _measure(image: NDArray[np.uint8], rounds: int) -> dict[str, Any]:
    estimating = estimator()
    calls = {
        **bare_runs(estimating, image),
        'estimate': lambda: estimating.estimate(image),
        **_stages(estimating, image),
    }
    times = take_turns(calls, rounds)
    return {
        'people': len(estimating.estimate(image)),
        'times': summaries(times),
        'estimate_over_session': ratio(times, 'estimate', 'session'),
        'estimate_over_network_alone': ratio(times, 'estimate', 'network_alone'),
        'network_over_session': ratio(times, 'network', 'session'),
    }


def _stages(estimating: PoseEstimator, image: NDArray[np.uint8]) -> dict[str, Call]:
    """Return a call of each stage, with what the stages before it give."""
    settings, size = estimating.settings, (image.shape[0], image.shape[1])
    message, framing = to_image(image, Header()), estimating.frame(size)
    # Padded before, as that is a stage of its own.
    padded, unpadded = framing.pad(image), Framing(framing.padded_size, framing.input_size)
    heads = estimating.network.infer([padded], unpadded)[0]

    def decode() -> Any:
        return decode_multiple_poses(
            heads,
            max_pose_detections=settings.max_pose_detections,
            score_threshold=settings.score_threshold,
            nms_radius=settings.nms_radius,
        )

    found = decode()
    poses = [pose.at(framing.to_image(pose.keypoints)) for pose in found]
    bgr8 = _as_bgr8(message)
    return {
        'to_array': lambda: to_rgb(message),
        'framing': lambda: estimating.frame(size).pad(image),
        'network': lambda: estimating.network.infer([padded], unpadded),
        'decoding': decode,
        'to_image': lambda: [pose.at(framing.to_image(pose.keypoints)) for pose in found],
        'message': lambda: to_pose_array(poses, message.header, size),
        'to_array_bgr8': lambda: to_rgb(bgr8),
        'drawing': lambda: draw_poses(image, poses),
        'annotated': lambda: to_image(image, message.header),
    }


def _as_bgr8(message: Image) -> Image:
    return Image(
        header=message.header,
        height=message.height,
        width=message.width,
        step=message.step,
        encoding='bgr8',
        data=message.data,
    )
