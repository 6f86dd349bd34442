"""From root parts to whole poses, along the edges of the pose tree."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.decoding.part_grid import Indices, PartGrid
from posenet_ros.heads import Heads
from posenet_ros.keypoints import NUM_EDGES, NUM_PARTS, TREE_EDGES

# An edge can be walked both ways: ways 0 to 15 lead from parent to child, 16 to 31 back.
_PARENTS, _CHILDREN = np.array(TREE_EDGES).T
_SOURCES = np.concatenate([_PARENTS, _CHILDREN])
_TARGETS = np.concatenate([_CHILDREN, _PARENTS])


def _ways_from(root: int) -> list[int]:
    """Return the 16 ways that reach all parts from a root, in an order that can be walked."""
    reached = [root]
    ways: list[int] = []
    for source in reached:
        for way in np.flatnonzero(source == _SOURCES):
            if _TARGETS[way] not in reached:
                ways.append(int(way))
                reached.append(int(_TARGETS[way]))
    return ways


# [16 steps, 17 roots]
_WAYS = np.array([_ways_from(root) for root in range(NUM_PARTS)]).T


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
    displacements = _by_way(heads)
    count = len(roots)
    candidates = np.arange(count)
    # [17 * K]: the site of each part of each candidate.
    sites = np.empty(NUM_PARTS * count, np.intp)
    sites[roots * count + candidates] = root_sites = grid.sites(roots, root_cells)
    ways = _WAYS.take(roots, axis=1)
    known = _SOURCES.take(ways) * count + candidates
    found = _TARGETS.take(ways) * count + candidates
    fields = ways * grid.num_cells
    targets = _TARGETS.take(ways) * grid.num_cells
    for step in range(NUM_EDGES):
        start = sites.take(known[step])
        landing = displacements.take(nearest_cells.take(start) + fields[step], axis=1)
        landing += grid.positions.take(start, axis=1)
        refined = nearest_cells.take(grid.nearest_cells(landing) + targets[step])
        sites[found[step]] = refined + targets[step]
    by_part = sites.reshape(NUM_PARTS, count)
    parts = np.arange(NUM_PARTS)[:, None]
    scores = grid.scores.take(grid.sites(parts, nearest_cells.take(by_part)))
    scores[roots, candidates] = grid.scores.take(root_sites)
    return grid.positions.take(by_part, axis=1), scores


def _by_way(heads: Heads) -> NDArray[np.float64]:
    """Return the displacements of all ways, float64 [2, 32 * cells], y first."""
    shape = (2, NUM_EDGES, -1)
    fields = (heads.displacements_fwd.reshape(shape), heads.displacements_bwd.reshape(shape))
    return np.concatenate(fields, axis=1, dtype=np.float64).reshape(2, -1)
