from made_heads import heads_of, nearest_cells, standing_person, STRIDE
import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.keypoints import PART_NAMES
from posenet_ros.posenet.decoding.part_grid import PartGrid, Points
from posenet_ros.posenet.decoding.tree_walk import TreeWalk
from posenet_ros.posenet.heads import Heads

SIDE = 17
PERSON = standing_person(120, 80)
ROWS, COLUMNS = nearest_cells(PERSON, SIDE, SIDE).T
CELLS = ROWS * SIDE + COLUMNS
NOSE, LEFT_EYE, LEFT_EAR = 0, 1, 3


def decode(heads: Heads, *roots: int) -> tuple[Points, NDArray[np.float32]]:
    """Decode the candidates whose roots are these parts of the person."""
    return TreeWalk(PartGrid(heads), heads).decode(np.array(roots), CELLS[list(roots)])


@pytest.mark.parametrize('root', range(17), ids=PART_NAMES)
def test_every_root_leads_to_all_parts(root: int) -> None:
    positions, scores = decode(heads_of([PERSON]), root)
    np.testing.assert_allclose(positions[..., 0], PERSON[:, ::-1].T, atol=1e-4)
    np.testing.assert_allclose(scores, 0.9, atol=1e-6)


def test_candidates_are_decoded_independently_of_each_other() -> None:
    heads = heads_of([PERSON])
    together, _ = decode(heads, *range(17))
    for root in range(17):
        alone, _ = decode(heads, root)
        np.testing.assert_array_equal(together[..., root], alone[..., 0])


def test_a_step_from_parent_to_child_follows_the_forward_displacement() -> None:
    heads = heads_of([PERSON])
    row, column = divmod(CELLS[NOSE], SIDE)
    # Edge 0 leads from the nose to the left eye. Two cells down; no offset points back from there.
    heads.displacements_fwd[0, row, column] += 2 * STRIDE
    positions, _ = decode(heads, NOSE)
    expected = STRIDE * np.floor((PERSON[LEFT_EYE, 1] + 2 * STRIDE) / STRIDE + 0.5)
    assert positions[0, LEFT_EYE, 0] == expected


def test_a_step_from_child_to_parent_follows_the_backward_displacement() -> None:
    heads = heads_of([PERSON])
    row, column = divmod(CELLS[LEFT_EYE], SIDE)
    heads.displacements_bwd[0, row, column] += 2 * STRIDE
    positions, _ = decode(heads, LEFT_EYE)
    expected = STRIDE * np.floor((PERSON[NOSE, 1] + 2 * STRIDE) / STRIDE + 0.5)
    assert positions[0, NOSE, 0] == expected


def test_the_offset_at_the_end_of_a_step_refines_the_position() -> None:
    heads = heads_of([PERSON])
    row, column = divmod(CELLS[NOSE], SIDE)
    # One cell off: the offsets around the left eye point to it from there.
    heads.displacements_fwd[0, row, column] += STRIDE
    positions, _ = decode(heads, NOSE)
    np.testing.assert_allclose(positions[:, LEFT_EYE, 0], PERSON[LEFT_EYE, ::-1], atol=1e-4)


def test_a_step_is_refined_twice() -> None:
    heads = heads_of([PERSON])
    row, column = divmod(CELLS[LEFT_EYE], SIDE)
    # The step ends at the cell of the left eye, which points two cells down, which points on.
    heads.offsets[LEFT_EYE, row, column] = 2 * STRIDE
    heads.offsets[LEFT_EYE, row + 2, column] = 5
    positions, _ = decode(heads, NOSE)
    assert positions[0, LEFT_EYE, 0] == (row + 2) * STRIDE + 5


def test_the_root_keeps_its_own_score() -> None:
    heads = heads_of([PERSON])
    row, column = divmod(CELLS[NOSE], SIDE)
    # The nose lies two cells down, at a cell that scores 0.
    heads.offsets[NOSE, row, column] = 2 * STRIDE
    _, scores = decode(heads, NOSE, LEFT_EAR)
    assert scores[NOSE, 0] == pytest.approx(0.9)
    assert scores[NOSE, 1] == 0
