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


def _levels_from(root: int) -> list[list[int]]:
    """Return the ways to the parts next to a root, then those to the parts next to these, ..."""
    known, newest = {root}, {root}
    levels: list[list[int]] = []
    while len(known) < NUM_PARTS:
        steps = zip(_SOURCES.tolist(), _TARGETS.tolist(), strict=True)
        levels.append([way for way, (a, b) in enumerate(steps) if a in newest and b not in known])
        newest = set(_TARGETS[levels[-1]].tolist())
        known |= newest
    return levels


def _table_of_levels() -> list[NDArray[np.intp]]:
    """
    Return the ways of each level for all roots, [ways, 17 roots].

    Roots with fewer ways or levels repeat a way, which does not change the result.
    """
    by_root = [_levels_from(root) for root in range(NUM_PARTS)]
    depth = max(map(len, by_root))
    by_root = [levels + levels[-1:] * (depth - len(levels)) for levels in by_root]
    widths = [max(map(len, level)) for level in zip(*by_root, strict=True)]
    return [
        np.array([(ways * width)[:width] for ways in level]).T
        for width, level in zip(widths, zip(*by_root, strict=True), strict=True)
    ]


_LEVELS = _table_of_levels()
# The ways of all levels, [32, 17 roots], and the first row of each level, [9].
_WAYS = np.concatenate(_LEVELS)
_STARTS = np.cumsum([0, *map(len, _LEVELS)])


class TreeWalk:
    """
    The walk from a root to all other parts, for the heads of one image.

    Each step leads from a known part to its neighbour in the tree. It first follows the
    displacement at the cell nearest to the known part, and then twice moves to where the offset at
    the nearest cell points. A part's score is that of the cell nearest to its position; the root
    keeps its own score.

    After the last refinement, a keypoint lies where the offset of one cell points. So the site of
    that cell represents the part, and its position and nearest cell can be looked up.

    Steps that do not depend on each other are taken together: those of all candidates, from all
    parts that are equally far from the root.

    Source: tfjs-models, posenet, `decodePose`.
    """

    def __init__(self, grid: PartGrid, heads: Heads) -> None:
        """Prepare the arrays that all candidates share."""
        self._grid = grid
        # The same part at the cell nearest to the position of each site, [sites].
        nearest = grid.nearest_cells(grid.positions).reshape(NUM_PARTS, grid.num_cells)
        nearest += np.arange(0, nearest.size, grid.num_cells)[:, None]
        self._nearest = nearest.reshape(-1)
        self._displacements = _by_way(heads)

    def decode(self, roots: Indices, root_cells: Indices) -> tuple[Points, NDArray[np.float32]]:
        """
        Return the poses of K root candidates, given as parts [K] and cells [K].

        Positions are float64 [2, 17, K], y first, in pixels of the network input, and scores
        float32 [17, K].
        """
        grid = self._grid
        root_sites = grid.sites(roots, root_cells)
        sites = self._walk(roots, root_sites)
        scores = grid.scores.take(self._nearest.take(sites))
        scores[roots, np.arange(len(roots))] = grid.scores.take(root_sites)
        return grid.positions.take(sites, axis=1), scores

    def _walk(self, roots: Indices, root_sites: Indices) -> Indices:
        """Return the site that represents each part of each candidate, [17, K]."""
        grid, nearest, count = self._grid, self._nearest, len(roots)
        candidates = np.arange(count)
        sites = np.empty(NUM_PARTS * count, np.intp)
        sites[roots * count + candidates] = root_sites
        ways = _WAYS.take(roots, axis=1)
        sources, targets = _SOURCES.take(ways), _TARGETS.take(ways)
        # For each step, where its source and its target are in `sites`, ...
        source_slots = (sources * count + candidates).reshape(-1)
        target_slots = (targets * count + candidates).reshape(-1)
        # ... the first site of its target, and the distance from a site of its source to the
        # displacement there.
        target_sites = (targets * grid.num_cells).reshape(-1)
        to_displacements = ((ways - sources) * grid.num_cells).reshape(-1)
        starts = (_STARTS * count).tolist()
        for level in map(slice, starts, starts[1:]):
            start = sites.take(source_slots[level])
            landing = grid.positions.take(start, axis=1)
            at = nearest.take(start)
            at += to_displacements[level]
            landing += self._displacements.take(at, axis=1)
            refined = grid.nearest_cells(landing)
            refined += target_sites[level]
            sites[target_slots[level]] = nearest.take(refined)
        return sites.reshape(NUM_PARTS, count)


def _by_way(heads: Heads) -> NDArray[np.float32]:
    """Return the displacements of all ways, float32 [2, 32 * cells], y first."""
    shape = (2, NUM_EDGES, -1)
    fields = (heads.displacements_fwd.reshape(shape), heads.displacements_bwd.reshape(shape))
    return np.concatenate(fields, axis=1).reshape(2, -1)
