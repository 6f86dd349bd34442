"""
Measure each stage from an image message to the published messages.

Input: the number of rounds. Output: times in ms by image size and stage, and their ratios to the
bare run.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from parts.session import bare_run, estimator
from parts.timing import Call, median_ratio, summarize, time_in_turns
from programs.pictures import picture, SIZES
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from posenet_ros import msg
from posenet_ros.drawing.annotated_image import draw_poses
from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.messages.pose_arrays import to_pose_array
from posenet_ros.posenet.decoding.multi_pose import decode_multiple_poses
from posenet_ros.ros.conversions.images import to_image, to_rgb

#: The stages of every image, in order, with their labels.
STAGES = {
    'to_array': 'message to array (rgb8, no copy)',
    'framing': 'framing',
    'network': 'network, called through PoseNet',
    'decoding': 'decoding',
    'to_image': 'keypoints to image pixels',
    'message': 'poses to message',
}

#: Stages that only some images need, with their labels.
EXTRAS = {
    'to_array_bgr8': 'message to array (bgr8)',
    'drawing': 'drawing',
    'annotated': 'annotated image to message',
}


def measure_stages(rounds: int) -> dict[str, Any]:
    """Return the times of all stages in ms and their ratios to the bare runs, by image size."""
    return {
        name: _measure(picture(size), rounds if size[0] < 1000 else max(1, rounds // 3))
        for name, size in SIZES.items()
    }


def _measure(image: NDArray[np.uint8], rounds: int) -> dict[str, Any]:
    estimating = estimator()
    calls = {
        'session': bare_run(estimating, image),
        'estimate': lambda: estimating.estimate(image),
        **_stages(estimating, image),
    }
    times = time_in_turns(calls, rounds)
    return {
        'people': len(estimating.estimate(image)),
        'times': {name: summarize(values) for name, values in times.items()},
        'estimate_over_session': median_ratio(times, 'estimate', 'session'),
        'network_over_session': median_ratio(times, 'network', 'session'),
    }


def _stages(estimating: PoseEstimator, image: NDArray[np.uint8]) -> dict[str, Call]:
    """Return a function for each stage, whose inputs are the outputs of earlier stages."""
    settings, size = estimating.settings, (image.shape[0], image.shape[1])
    message, framing = to_image(image, Header()), estimating.frame(size)
    heads = estimating.network.infer([image], [framing])[0]

    def decode() -> Any:
        return decode_multiple_poses(
            heads,
            max_pose_detections=settings.max_pose_detections,
            score_threshold=settings.score_threshold,
            nms_radius=settings.nms_radius,
            min_pose_score=settings.min_pose_score,
        )

    decoded = decode()
    poses = [pose.at(framing.to_image(pose.keypoints)) for pose in decoded]
    bgr8 = _as_bgr8(message)
    return {
        'to_array': lambda: to_rgb(message),
        'framing': lambda: estimating.frame(size),
        'network': lambda: estimating.network.infer([image], [framing]),
        'decoding': decode,
        'to_image': lambda: [pose.at(framing.to_image(pose.keypoints)) for pose in decoded],
        'message': lambda: to_pose_array(poses, message.header, size, types=msg),
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
