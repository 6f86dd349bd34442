"""What the `posenet` command prints: JSON for programs, a table for people, complaints."""

import json
from pathlib import Path
import sys

from posenet_ros.estimation.estimator import PoseEstimator
from posenet_ros.framing.framing import Size
from posenet_ros.keypoints import PART_NAMES
from posenet_ros.poses import Pose


def show_json(path: Path, size: Size, poses: list[Pose], estimator: PoseEstimator) -> None:
    """Print one JSON object in a line, in full precision, for an image of (height, width)."""
    height, width = size
    result = {
        'image': str(path),
        'width': width,
        'height': height,
        'model': estimator.network.model,
        'output_stride': estimator.network.output_stride,
        'input_size': estimator.frame(size).input_size,
        'poses': [
            {
                'score': pose.score,
                'keypoints': [
                    {'part': part, 'x': x, 'y': y, 'score': score}
                    for part, (x, y), score in zip(
                        PART_NAMES,
                        pose.keypoints.tolist(),
                        pose.keypoint_scores.tolist(),
                        strict=True,
                    )
                ],
            }
            for pose in poses
        ],
    }
    print(json.dumps(result), flush=True)


def show_table(path: Path, size: Size, poses: list[Pose], estimator: PoseEstimator) -> None:
    """Print the poses in an image of (height, width) as a table; same call as show_json."""
    height, width = size
    found = f'{len(poses)} {"person" if len(poses) == 1 else "people"}'
    print(f'{path} ({width}x{height}): {found}')
    for number, pose in enumerate(poses, 1):
        print(f'  person {number}, score {pose.score:.3f}')
        for part, (x, y), score in zip(
            PART_NAMES, pose.keypoints, pose.keypoint_scores, strict=True
        ):
            print(f'    {part:15} x {x:7.1f}  y {y:7.1f}  score {score:.3f}')
    sys.stdout.flush()


def complain(message: object) -> None:
    """Print a message to standard error."""
    print(f'posenet: {message}', file=sys.stderr)
