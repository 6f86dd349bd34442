"""
The multi-person decoder: greedy, starting from the parts with the highest scores.

1. Root candidates are the cells that are a local maximum of a part's heatmap and score at least
   the threshold (`root_candidates.py`).
2. From each root, displacements and offsets lead to the other parts along the pose tree
   (`tree_walk.py`), for many candidates together in vectorised steps.
3. In descending order of score, a candidate starts a person unless it lies within the NMS radius
   of the same part of a person already found (this module).

The sequential algorithm decodes a candidate only after it has passed step 3. This module decodes
the best remaining candidates, and compares them with one another, a block at a time. For most
images one block is enough, however many people are in view. The result is the same.

Source: Papandreou et al., "PersonLab", 2018, section 3.2; tfjs-models, posenet,
`decodeMultiplePoses`.
"""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.posenet.decoding.part_grid import Indices, PartGrid, Points
from posenet_ros.posenet.decoding.root_candidates import find_root_candidates
from posenet_ros.posenet.decoding.tree_walk import TreeWalk
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose

# How many candidates are decoded together. A person has up to 17, so the best 64 usually include
# one of each of five people. A larger block costs more time than it saves.
_BLOCK = 64

# How many candidates are compared together with the people of a block. Small arrays stay in the
# processor's cache.
_COMPARED = 512


def decode_multiple_poses(
    heads: Heads, *, max_pose_detections: int, score_threshold: float, nms_radius: float
) -> list[Pose]:
    """
    Decode up to max_pose_detections poses, in descending order of their root's score.

    A pose's score is the sum of the scores of those keypoints that lie farther than nms_radius
    from the same part of every earlier pose, divided by 17. Positions are (x, y) in pixels of the
    network input, and so is nms_radius.
    """
    roots, root_cells = find_root_candidates(heads.heatmap_scores, score_threshold)
    grid = PartGrid(heads)
    walk = TreeWalk(grid, heads)
    root_positions = grid.positions(grid.sites(roots, root_cells), root_cells)
    squared_radius = nms_radius**2
    positions: list[Points] = [np.empty((2, NUM_PARTS, 0))]
    scores: list[NDArray[np.float32]] = [np.empty((NUM_PARTS, 0), np.float32)]
    remaining = max_pose_detections
    free: Indices = np.arange(len(roots))
    while remaining > 0 and len(free):
        block, free = free[:_BLOCK], free[_BLOCK:]
        poses, pose_scores = walk.decode(roots[block], root_cells[block])
        apart = _lie_apart(poses, roots[block], root_positions[:, block], squared_radius)
        people = _choose(apart, remaining)
        positions.append(poses[..., people])
        scores.append(pose_scores[:, people])
        remaining -= len(people)
        if remaining > 0:
            compared = positions[-1], roots[free], root_positions[:, free], squared_radius
            free = free[_lie_apart_from_all(*compared)]
    return _poses(
        np.concatenate(positions, axis=-1), np.concatenate(scores, axis=-1), squared_radius
    )


def _lie_apart_from_all(
    poses: Points, roots: Indices, root_positions: Points, squared_radius: float
) -> NDArray[np.bool_]:
    """Return which candidates lie apart from all poses, bool [C]; see `_lie_apart`."""
    apart = np.empty(len(roots), bool)
    for start in range(0, len(roots), _COMPARED):
        some = slice(start, start + _COMPARED)
        each = _lie_apart(poses, roots[some], root_positions[:, some], squared_radius)
        apart[some] = each.all(axis=-1)
    return apart


def _lie_apart(
    poses: Points, roots: Indices, root_positions: Points, squared_radius: float
) -> NDArray[np.bool_]:
    """
    Return for each candidate and pose whether their same parts are farther apart than the radius.

    Poses are [2, 17, P]; candidates have root parts [C] at positions [2, C]. The result is bool
    [C, P].
    """
    return _are_apart(poses.take(roots, axis=1), root_positions[..., None], squared_radius)


def _are_apart(first: Points, second: Points, squared_radius: float) -> NDArray[np.bool_]:
    """Return whether the points [2, ...] of each pair are farther apart than the radius."""
    gap_y, gap_x = first[0] - second[0], first[1] - second[1]
    gap_y *= gap_y
    gap_x *= gap_x
    gap_y += gap_x
    apart: NDArray[np.bool_] = gap_y > squared_radius
    return apart


def _choose(apart: NDArray[np.bool_], max_people: int) -> list[int]:
    """
    Return the candidates, in order, that lie apart from the poses of all people already chosen.

    `apart` [C, C] says whether a candidate (row) lies apart from the pose of another (column).
    """
    free = np.ones(len(apart), bool)
    people: list[int] = []
    for candidate in range(len(apart)):
        if free[candidate]:
            people.append(candidate)
            if len(people) == max_people:
                break
            free &= apart[:, candidate]
    return people


def _poses(
    positions: Points, keypoint_scores: NDArray[np.float32], squared_radius: float
) -> list[Pose]:
    """Return N poses from positions [2, 17, N] and keypoint scores [17, N], in the same order."""
    apart = _are_apart(positions[..., :, None], positions[..., None, :], squared_radius)
    order = np.arange(positions.shape[-1])
    apart |= order >= order[:, None]  # only earlier poses count
    own = apart.all(axis=-1)
    scores = np.where(own, keypoint_scores, 0.0).sum(axis=0, dtype=np.float64) / NUM_PARTS
    keypoints = np.ascontiguousarray(positions[::-1].T)
    return [
        Pose(score=score, keypoints=points, keypoint_scores=part_scores)
        for score, points, part_scores in zip(
            scores.tolist(), keypoints, np.ascontiguousarray(keypoint_scores.T), strict=True
        )
    ]
