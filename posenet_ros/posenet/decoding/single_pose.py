"""The single-person decoder: the best cell of each part."""

import numpy as np

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.posenet.decoding.part_grid import PartGrid
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose


def decode_single_pose(heads: Heads) -> Pose:
    """
    Decode one pose, which is correct if exactly one person is in view.

    Each keypoint comes from the cell with the highest score for its part (the first in reading
    order if several are equal) and lies at cell * output_stride + offset. The pose's score is the
    mean of the keypoint scores. Positions are (x, y) in pixels of the network input.

    Source: tfjs-models, posenet, `decodeSinglePose`.
    """
    grid = PartGrid(heads)
    best_cells = heads.heatmap_scores.reshape(NUM_PARTS, -1).argmax(axis=1)
    sites = grid.sites(np.arange(NUM_PARTS), best_cells)
    scores = grid.scores.take(sites)
    return Pose(
        score=float(scores.mean(dtype=np.float64)),
        keypoints=grid.positions.take(sites, axis=1)[::-1].T,
        keypoint_scores=scores,
    )
