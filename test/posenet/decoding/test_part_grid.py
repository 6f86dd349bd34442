from made_heads import arrays, STRIDE
import numpy as np
import pytest

from posenet_ros.posenet.decoding.part_grid import PartGrid
from posenet_ros.posenet.heads import CHANNELS, Heads

ROWS, COLUMNS = 3, 4


@pytest.fixture
def heads() -> Heads:
    """Return heads of random values, with offsets that reach beyond the network input."""
    random = np.random.default_rng(0)
    made = {
        name: np.asarray(random.normal(0, 20, (channels, ROWS, COLUMNS)), np.float32)
        for name, channels in CHANNELS.items()
    }
    return Heads(**made, output_stride=STRIDE)


@pytest.fixture
def grid(heads: Heads) -> PartGrid:
    return PartGrid(heads)


def plain_grid() -> PartGrid:
    return PartGrid(Heads(**arrays(ROWS, COLUMNS), output_stride=STRIDE))


def test_a_site_is_a_part_at_a_cell(grid: PartGrid, heads: Heads) -> None:
    (site,) = grid.sites(np.array([5]), np.array([2 * COLUMNS + 1]))
    assert grid.scores[site] == heads.heatmap_scores[5, 2, 1]


def test_a_position_is_the_cell_times_the_stride_plus_the_offset(
    grid: PartGrid, heads: Heads
) -> None:
    sites = grid.sites(np.array([5]), np.array([2 * COLUMNS + 1]))
    ((y,), (x,)) = grid.positions[:, sites]
    assert y == 2 * STRIDE + float(heads.offsets[5, 2, 1])
    assert x == 1 * STRIDE + float(heads.offsets[17 + 5, 2, 1])


@pytest.mark.parametrize(
    ('point', 'cell'),
    [
        ((0, 0), (0, 0)),
        ((STRIDE, 2 * STRIDE), (1, 2)),
        ((STRIDE - 9, STRIDE - 9), (0, 0)),
        # Halves.
        ((STRIDE / 2, 0), (1, 0)),
        ((0, STRIDE / 2), (0, 1)),
        # Outside.
        ((-100, 1e30), (0, 3)),
        ((1e30, -100), (2, 0)),
    ],
)
def test_every_point_has_a_nearest_cell_in_the_grid(
    point: tuple[float, float], cell: tuple[int, int]
) -> None:
    row, column = cell
    (nearest,) = plain_grid().nearest_cells(np.array([[point[0]], [point[1]]], np.float64))
    assert nearest == row * COLUMNS + column
