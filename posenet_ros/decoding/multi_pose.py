"""
The multi-person decoder: greedy, from the surest parts along the pose tree.

1. Root candidates: every cell that is a local maximum of a part's heatmap and scores at least
   the threshold (`root_candidates.py`).
2. From each root a whole pose is read off the displacements and offsets (`tree_walk.py`), for
   all candidates together in vectorised steps.
3. In falling order of their scores, a candidate starts a person unless it lies within the NMS
   radius of the same part of a person already found (this module).

The result is the one of the sequential algorithm, which decodes a candidate only after it has
passed step 3; decoding them all keeps the time flat however many people are in view.

Source: Papandreou et al., "PersonLab", 2018, section 3.2; tfjs-models, posenet,
`decodeMultiplePoses`.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.decoding.part_grid import Indices, PartGrid
from posenet_ros.decoding.root_candidates import find_root_candidates
from posenet_ros.decoding.tree_walk import walk_pose_tree
from posenet_ros.heads import Heads
from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.poses import Pose

Points = NDArray[np.float64]


def decode_multiple_poses(
    heads: Heads, *, max_pose_detections: int, score_threshold: float, nms_radius: float
) -> list[Pose]:
    """
    Decode up to max_pose_detections poses, in falling order of their root's score.

    A pose's score is the sum of the scores of those of its keypoints that lie farther than
    nms_radius from the same part of every earlier pose, divided by 17. Positions are (x, y),
    and nms_radius is, in pixels of the network input.
    """
    roots, root_cells = find_root_candidates(heads.heatmap_scores, score_threshold)
    grid = PartGrid(heads)
    positions, scores = walk_pose_tree(grid, heads, roots, root_cells)
    squared_radius = nms_radius**2
    chosen = _select(positions, roots, squared_radius, max_pose_detections)
    positions, scores = positions[..., chosen], scores[:, chosen]
    pose_scores = _score_instances(positions, scores, squared_radius)
    return [
        Pose(score=float(score), keypoints=keypoints, keypoint_scores=keypoint_scores)
        for score, keypoints, keypoint_scores in zip(
            pose_scores, positions[::-1].transpose(2, 1, 0), scores.T, strict=True
        )
    ]


def _select(positions: Points, roots: Indices, squared_radius: float, limit: int) -> list[int]:
    """
    Return the indices of the candidates that start a person, at most `limit`.

    `positions` [2, 17, K] are the candidates' poses in falling order, `roots` [K] the part that
    each started from.
    """
    root_positions = positions[:, roots, np.arange(len(roots))]
    poses = np.ascontiguousarray(positions.transpose(2, 0, 1))
    free = np.ones(len(roots), bool)
    chosen: list[int] = []
    while len(chosen) < limit and free.any():
        best = int(free.argmax())
        chosen.append(best)
        gap = poses[best].take(roots, axis=1) - root_positions
        gap *= gap
        free &= gap[0] + gap[1] > squared_radius
    return chosen


def _score_instances(
    positions: Points, scores: NDArray[np.float32], squared_radius: float
) -> NDArray[np.float64]:
    """
    Return the score of each chosen pose, float64 [P].

    `positions` [2, 17, P] and `scores` [17, P] are in the order of choice.
    """
    gaps = positions[..., :, None] - positions[..., None, :]
    distances = (gaps * gaps).sum(axis=0)
    earlier = np.tri(scores.shape[1], k=-1, dtype=bool)
    overlapped = (earlier & (distances <= squared_radius)).any(axis=-1)
    own_scores: NDArray[np.float64] = np.where(overlapped, 0.0, scores).sum(axis=0) / NUM_PARTS
    return own_scores
