"""
The multi-person decoder: greedy, starting from the parts with the highest scores.

1. Root candidates are the cells that are a local maximum of a part's heatmap and score at least
   the threshold (`root_candidates.py`).
2. From each root, displacements and offsets lead to the other parts along the pose tree
   (`tree_walk.py`), for many candidates together in vectorised steps.
3. In descending order of score, a candidate starts a person unless it lies within the NMS radius
   of the same part of a person already found (this module).
4. Poses with a low score are left out of the result, but count in step 3. Most of them are second
   poses of a person already found.

The sequential algorithm decodes a candidate only after it has passed step 3. This module decodes
the best remaining candidates, and compares them with one another, a block at a time. For most
images one block is enough, however many people are in view. The result is the same.

Source: Papandreou et al., "PersonLab", 2018, section 3.2; tfjs-models, posenet,
`decodeMultiplePoses`.
"""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_PARTS
from posenet_ros.posenet.decoding.part_grid import Indices, PartGrid, Points
from posenet_ros.posenet.decoding.root_candidates import find_root_candidates
from posenet_ros.posenet.decoding.tree_walk import TreeWalk
from posenet_ros.posenet.heads import Heads
from posenet_ros.poses import Pose

_Scalar = TypeVar('_Scalar', bound=np.generic)

# How many candidates are decoded together. A person has up to 17, so the best 64 usually include
# one of each of five people. A larger block costs more time than it saves.
_BLOCK = 64

# How many candidates are compared together with the people of a block. Small arrays stay in the
# processor's cache.
_COMPARED = 512

# At least this many poses are scored together, which is faster than one by one.
_SCORED = 8

#: How many poses the decoder examines. With a score_threshold near 0, an image has thousands of
#: poses with a low score, which would take seconds.
MAX_EXAMINED = 500


def decode_multiple_poses(
    heads: Heads,
    *,
    max_pose_detections: int,
    score_threshold: float,
    nms_radius: float,
    min_pose_score: float,
) -> list[Pose]:
    """
    Decode up to max_pose_detections poses, in descending order of their root's score.

    A pose's score is the sum of the scores of those keypoints that lie farther than nms_radius
    from the same part of every earlier pose, divided by 17. The result has the first poses of the
    reference's list that score at least min_pose_score, among the first MAX_EXAMINED of that list.
    Positions are (x, y) in pixels of the network input, and so is nms_radius.
    """
    roots, root_cells = find_root_candidates(heads.heatmap_scores, score_threshold)
    grid = PartGrid(heads)
    walk = TreeWalk(grid, heads)
    root_positions = grid.positions.take(grid.sites(roots, root_cells), axis=1)
    squared_radius = nms_radius**2
    found = _FoundPoses(max_pose_detections, min_pose_score, squared_radius)
    free: Indices = np.arange(len(roots))
    while found.wanted and len(free):
        block, free = free[:_BLOCK], free[_BLOCK:]
        poses, keypoint_scores = walk.decode(roots[block], root_cells[block])
        apart = _lie_apart(poses, roots[block], root_positions[:, block], squared_radius)
        people, before = _choose(apart), len(found.scores)
        while some := list(islice(people, found.wanted)):
            found.add(poses[..., some], keypoint_scores[:, some])
        if found.wanted:
            added = found.positions[..., before:]
            compared = added, roots[free], root_positions[:, free], squared_radius
            free = free[_lie_apart_from_all(*compared)]
    return found.first_strong()


class _FoundPoses:
    """The poses found so far. Those that score at least `min_score` are strong."""

    def __init__(self, max_strong: int, min_score: float, squared_radius: float) -> None:
        """Begin without poses."""
        self._max_strong = max_strong
        self._min_score = min_score
        self._squared_radius = squared_radius
        self._strong: list[int] = []
        #: Points [2, 17, N].
        self.positions: Points = np.empty((2, NUM_PARTS, 0))
        self._keypoint_scores: NDArray[np.float32] = np.empty((NUM_PARTS, 0), np.float32)
        #: One of each pose.
        self.scores: list[float] = []

    @property
    def wanted(self) -> int:
        """Return how many poses to add next; 0 if there are enough."""
        missing = self._max_strong - len(self._strong)
        if missing <= 0:
            return 0
        return min(max(missing, _SCORED), MAX_EXAMINED - len(self.scores))

    def add(self, positions: Points, keypoint_scores: NDArray[np.float32]) -> None:
        """Add poses, Points [2, 17, K], with their keypoint scores, [17, K], and score them."""
        before = len(self.scores)
        self.positions = _joined(self.positions, positions)
        self._keypoint_scores = _joined(self._keypoint_scores, keypoint_scores)
        apart = _are_apart(
            positions[..., :, None], self.positions[..., None, :], self._squared_radius
        )
        order = np.arange(self.positions.shape[-1])
        apart |= order >= order[before:, None]  # only earlier poses count
        own = np.logical_and.reduce(apart, axis=-1)
        scores = np.add.reduce(keypoint_scores * own, axis=0, dtype=np.float64) / NUM_PARTS
        for number, score in enumerate(scores.tolist(), before):
            self.scores.append(score)
            if score >= self._min_score:
                self._strong.append(number)

    def first_strong(self) -> list[Pose]:
        """Return the first strong poses, at most as many as allowed."""
        keypoints = np.ascontiguousarray(self.positions[::-1].T)
        keypoint_scores = np.ascontiguousarray(self._keypoint_scores.T)
        return [
            Pose(self.scores[number], keypoints[number], keypoint_scores[number])
            for number in self._strong[: self._max_strong]
        ]


def _joined(first: NDArray[_Scalar], second: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """Return both along the last axis, without a copy if the first is empty."""
    return np.concatenate([first, second], axis=-1) if first.shape[-1] else second


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


def _choose(apart: NDArray[np.bool_]) -> Iterator[int]:
    """
    Yield the candidates, in order, that lie apart from the poses of all people already chosen.

    `apart` [C, C] says whether a candidate (row) lies apart from the pose of another (column).
    """
    free = np.ones(len(apart), bool)
    for candidate in range(len(apart)):
        if free[candidate]:
            yield candidate
            free &= apart[:, candidate]
