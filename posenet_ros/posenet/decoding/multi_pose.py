"""
The multi-person decoder: greedy, from the surest parts along the pose tree.

1. Root candidates: every cell that is a local maximum of a part's heatmap and scores at least
   the threshold (`root_candidates.py`).
2. From each root a whole pose is read off the displacements and offsets (`tree_walk.py`), for
   many candidates together in vectorised steps.
3. In falling order of their scores, a candidate starts a person unless it lies within the NMS
   radius of the same part of a person already found (this module).

The sequential algorithm decodes a candidate only after it has passed step 3. Here the best ones
that are left are decoded, and compared with one another, a block at a time: one block serves most
images, however many people are in view. The result is the same.

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

# Candidates that are decoded together. A person has up to 17, so that the best 64 name every one
# of some five people; a larger block costs more than it saves.
_BLOCK = 64

# Candidates that are compared with the people of a block together: small arrays stay in the cache.
_COMPARED = 512


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
    positions: list[Points] = [np.empty((2, NUM_PARTS, 0))]
    scores: list[NDArray[np.float32]] = [np.empty((NUM_PARTS, 0), np.float32)]
    left = max_pose_detections
    free: Indices = np.arange(len(roots))
    while left > 0 and len(free):
        block, free = free[:_BLOCK], free[_BLOCK:]
        poses, pose_scores = walk.decode(roots[block], root_cells[block])
        apart = _lie_apart(poses, roots[block], root_positions[:, block], squared_radius)
        people = _choose(apart, left)
        positions.append(poses[..., people])
        scores.append(pose_scores[:, people])
        left -= len(people)
        if left > 0:
            compared = positions[-1], roots[free], root_positions[:, free], squared_radius
            free = free[_lie_apart_from_all(*compared)]
    return _poses(
        np.concatenate(positions, axis=-1), np.concatenate(scores, axis=-1), squared_radius
    )


def _lie_apart_from_all(
    poses: Points, roots: Indices, root_positions: Points, squared_radius: float
) -> NDArray[np.bool_]:
    """Tell which candidates lie apart from all of the poses; bool [C], see `_lie_apart`."""
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
    Tell which candidates lie farther than the radius from their part of which poses.

    Of poses [2, 17, P] and candidates with root parts [C] at positions [2, C]; bool [C, P].
    """
    return _are_apart(poses.take(roots, axis=1), root_positions[..., None], squared_radius)


def _are_apart(first: Points, second: Points, squared_radius: float) -> NDArray[np.bool_]:
    """Tell of each pair of points [2, ...] whether they are farther apart than the radius."""
    gap_y, gap_x = first[0] - second[0], first[1] - second[1]
    gap_y *= gap_y
    gap_x *= gap_x
    gap_y += gap_x
    apart: NDArray[np.bool_] = gap_y > squared_radius
    return apart


def _choose(apart: NDArray[np.bool_], most: int) -> list[int]:
    """
    Return up to `most` candidates that are people, in order: those apart from all people before.

    `apart` [C, C] tells which candidates are apart from which candidates' poses.
    """
    free = np.ones(len(apart), bool)
    people: list[int] = []
    for candidate in range(len(apart)):
        if free[candidate]:
            people.append(candidate)
            if len(people) == most:
                break
            free &= apart[:, candidate]
    return people


def _poses(
    positions: Points, keypoint_scores: NDArray[np.float32], squared_radius: float
) -> list[Pose]:
    """Return the poses at positions [2, 17, N] with keypoint scores [17, N], in that order."""
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
