"""From a root part to a whole pose, along the edges of the pose tree."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.decoding.part_grid import Indices, PartGrid
from posenet_ros.heads import Heads
from posenet_ros.keypoints import NUM_EDGES, NUM_PARTS, TREE_EDGES


def _steps_from(root: int) -> list[tuple[int, int, int]]:
    """
    Return the 16 steps (source part, target part, displacement) that reach all parts from a root.

    Displacements 0 to 15 lead from an edge's parent to its child, 16 to 31 back.
    """
    steps: list[tuple[int, int, int]] = []
    reached = [root]
    for source in reached:
        for edge, (parent, child) in enumerate(TREE_EDGES):
            if source == parent and child not in reached:
                steps.append((source, child, edge))
                reached.append(child)
            elif source == child and parent not in reached:
                steps.append((source, parent, NUM_EDGES + edge))
                reached.append(parent)
    return steps


# [16 steps, 3, 17 roots]
_STEPS = np.array([_steps_from(root) for root in range(NUM_PARTS)]).transpose(1, 2, 0)


def walk_pose_tree(
    grid: PartGrid, heads: Heads, roots: Indices, root_cells: Indices
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """
    Decode the poses of K root candidates, given as parts [K] and cells [K].

    A step goes from a known part to its neighbour in the tree: by the displacement at the cell
    nearest to the known part, then twice to what the offset at the nearest cell says. A part's
    score is the heatmap's at the cell nearest to its position; the root keeps its own.

    After the last refinement a keypoint lies where the offset of one cell points to, so that a
    part of a candidate is known by one site, and its position and nearest cell are look-ups.

    Returns positions float64 [2, 17, K], y first, in pixels of the network input, and scores
    float32 [17, K].

    Source: tfjs-models, posenet, `decodePose`.
    """
    nearest_cells = grid.nearest_cells(grid.positions)
    displacements = _concatenate(heads)
    candidates = np.arange(len(roots))
    sites = np.empty((NUM_PARTS, len(roots)), np.intp)
    sites[roots, candidates] = grid.sites(roots, root_cells)
    for step in _STEPS:
        source, target, displacement = step[:, roots]
        start = sites[source, candidates]
        field = grid.sites(displacement, nearest_cells.take(start))
        landing = grid.positions.take(start, axis=1) + displacements.take(field, axis=1)
        refined = nearest_cells.take(grid.sites(target, grid.nearest_cells(landing)))
        sites[target, candidates] = grid.sites(target, refined)
    parts = np.arange(NUM_PARTS)[:, None]
    scores = grid.scores.take(grid.sites(parts, nearest_cells.take(sites)))
    scores[roots, candidates] = grid.scores.take(grid.sites(roots, root_cells))
    return grid.positions.take(sites, axis=1), scores


def _concatenate(heads: Heads) -> NDArray[np.float32]:
    """Return all displacements, float32 [2, 32 * cells]: forwards, then backwards."""
    shape = (2, NUM_EDGES, -1)
    fields = (heads.displacements_fwd.reshape(shape), heads.displacements_bwd.reshape(shape))
    return np.concatenate(fields, axis=1).reshape(2, -1)
