"""
The multi-person decoder: greedy, from the surest parts along the pose tree.

1. Root candidates: every cell that is a local maximum of a part's heatmap and scores at least
   the threshold (`root_candidates.py`).
2. From each root a whole pose is read off the displacements and offsets (`tree_walk.py`), for
   many candidates together in vectorised steps.
3. In falling order of their scores, a candidate starts a person unless it lies within the NMS
   radius of the same part of a person already found (this module).

The sequential algorithm decodes a candidate only after it has passed step 3. Here the best ones
that are left are decoded together, a block at a time: one block serves most images, however many
people are in view. The result is the same.

Source: Papandreou et al., "PersonLab", 2018, section 3.2; tfjs-models, posenet,
`decodeMultiplePoses`.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.decoding.part_grid import PartGrid, Points
from posenet_ros.decoding.root_candidates import find_root_candidates
from posenet_ros.decoding.tree_walk import TreeWalk
from posenet_ros.heads import Heads
from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.poses import Pose

# Candidates that are decoded together. A person has up to 17, so that the best 64 name every one
# of some five people; a larger block costs more than it saves.
_BLOCK = 64


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
    walk = TreeWalk(grid, heads)
    root_positions = grid.positions(grid.sites(roots, root_cells), root_cells)
    squared_radius = nms_radius**2
    free = np.ones(len(roots), bool)
    found: list[tuple[Points, NDArray[np.float32]]] = []
    while len(found) < max_pose_detections and free.any():
        block = np.flatnonzero(free)[:_BLOCK]
        positions, scores = walk.decode(roots[block], root_cells[block])
        for number, candidate in enumerate(block.tolist()):
            if free[candidate] and len(found) < max_pose_detections:
                pose = np.ascontiguousarray(positions[..., number])
                found.append((pose, scores[:, number]))
                free &= _lie_apart(pose.take(roots, axis=1), root_positions, squared_radius)
    return _with_scores(found, squared_radius)


def _lie_apart(first: Points, second: Points, squared_radius: float) -> NDArray[np.bool_]:
    """Tell of each pair of points [2, ...] whether they are farther apart than the radius."""
    gap_y, gap_x = first[0] - second[0], first[1] - second[1]
    gap_y *= gap_y
    gap_x *= gap_x
    gap_y += gap_x
    apart: NDArray[np.bool_] = gap_y > squared_radius
    return apart


def _with_scores(
    found: list[tuple[Points, NDArray[np.float32]]], squared_radius: float
) -> list[Pose]:
    """Return poses from their positions [2, 17] and keypoint scores [17], in the order found."""
    if not found:
        return []
    positions = np.stack([pose for pose, _ in found], axis=-1)
    scores = np.stack([keypoint_scores for _, keypoint_scores in found], axis=-1)
    apart = _lie_apart(positions[..., :, None], positions[..., None, :], squared_radius)
    later = ~np.tri(len(found), k=-1, dtype=bool)
    own = (apart | later).all(axis=-1)
    pose_scores = np.where(own, scores, 0.0).sum(axis=0, dtype=np.float64) / NUM_PARTS
    return [
        Pose(score=score, keypoints=pose[::-1].T, keypoint_scores=keypoint_scores)
        for score, (pose, keypoint_scores) in zip(pose_scores.tolist(), found, strict=True)
    ]
