"""From root parts to whole poses, along the edges of the pose tree."""

import numpy as np
from numpy.typing import NDArray

from posenet_ros.keypoints import NUM_EDGES, NUM_PARTS, TREE_EDGES
from posenet_ros.posenet.decoding.part_grid import Indices, PartGrid, Points
from posenet_ros.posenet.heads import Heads

# An edge can be followed in both directions: ways 0 to 15 lead from parent to child, ways 16 to 31
# from child to parent.
_PARENTS, _CHILDREN = np.array(TREE_EDGES).T
_SOURCES = np.concatenate([_PARENTS, _CHILDREN])
_TARGETS = np.concatenate([_CHILDREN, _PARENTS])


def _ways_from(root: int) -> list[int]:
    """Return the 16 ways that lead from a root to all other parts, in the order to follow them."""
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
# [16 steps, (way, source part, target part), 17 roots]
_STEPS = np.stack([_WAYS, _SOURCES[_WAYS], _TARGETS[_WAYS]], axis=1)


class TreeWalk:
    """
    The walk from a root to all other parts, for the heads of one image.

    Each step leads from a known part to its neighbour in the tree. It first follows the
    displacement at the cell nearest to the known part, and then twice moves to where the offset at
    the nearest cell points. A part's score is that of the cell nearest to its position; the root
    keeps its own score.

    After the last refinement, a keypoint lies where the offset of one cell points. So that cell
    represents the part, and its position and nearest cell can be looked up.

    Source: tfjs-models, posenet, `decodePose`.
    """

    def __init__(self, grid: PartGrid, heads: Heads) -> None:
        """Prepare the arrays that all candidates share."""
        self._grid = grid
        self._nearest = grid.nearest_cells_of_sites()
        self._displacements = _by_way(heads)

    def decode(self, roots: Indices, root_cells: Indices) -> tuple[Points, NDArray[np.float32]]:
        """
        Return the poses of K root candidates, given as parts [K] and cells [K].

        Positions are float64 [2, 17, K], y first, in pixels of the network input, and scores
        float32 [17, K].
        """
        grid, nearest = self._grid, self._nearest
        cells = self._walk(roots, root_cells)
        parts = np.arange(NUM_PARTS)[:, None]
        sites = grid.sites(parts, cells)
        scores = grid.scores.take(grid.sites(parts, nearest.take(sites)))
        scores[roots, np.arange(len(roots))] = grid.scores.take(grid.sites(roots, root_cells))
        return grid.positions(sites, cells), scores

    def _walk(self, roots: Indices, root_cells: Indices) -> Indices:
        """Return the cell that represents each part of each candidate, [17, K]."""
        grid, nearest, count = self._grid, self._nearest, len(roots)
        candidates = np.arange(count)
        cells = np.empty(NUM_PARTS * count, np.intp)
        cells[roots * count + candidates] = root_cells
        for (_, source_slots, target_slots), (ways, sources, targets) in zip(
            _STEPS * count, _STEPS * grid.num_cells, strict=True
        ):
            start = cells.take(source_slots.take(roots) + candidates)
            site = sources.take(roots) + start
            landing = grid.positions(site, start)
            landing += self._displacements.take(ways.take(roots) + nearest.take(site), axis=1)
            target = targets.take(roots)
            refined = nearest.take(target + grid.nearest_cells(landing))
            cells[target_slots.take(roots) + candidates] = refined
        return cells.reshape(NUM_PARTS, count)


def _by_way(heads: Heads) -> NDArray[np.float32]:
    """Return the displacements of all ways, float32 [2, 32 * cells], y first."""
    shape = (2, NUM_EDGES, -1)
    fields = (heads.displacements_fwd.reshape(shape), heads.displacements_bwd.reshape(shape))
    return np.concatenate(fields, axis=1).reshape(2, -1)
