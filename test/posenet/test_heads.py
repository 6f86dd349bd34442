from made_heads import arrays
import numpy as np
import pytest

from posenet_ros.errors import HeadsError
from posenet_ros.posenet.heads import CHANNELS, Heads


def test_the_grid_is_rows_and_columns() -> None:
    assert Heads(**arrays(3, 4), output_stride=16).grid == (3, 4)


@pytest.mark.parametrize('head', CHANNELS)
def test_a_head_on_another_grid_is_refused_and_named(head: str) -> None:
    wrong = arrays()
    wrong[head] = wrong[head][:, :, :-1]
    with pytest.raises(HeadsError, match='offsets' if head == 'heatmap_scores' else head):
        Heads(**wrong, output_stride=16)


@pytest.mark.parametrize('head', CHANNELS)
def test_a_head_with_other_channels_is_refused_and_named(head: str) -> None:
    wrong = arrays()
    wrong[head] = wrong[head][:-1]
    with pytest.raises(HeadsError, match=head):
        Heads(**wrong, output_stride=16)


def test_heads_with_no_cells_are_refused() -> None:
    with pytest.raises(HeadsError, match=r'\[17, 0, 4\]'):
        Heads(**arrays(0, 4), output_stride=16)


@pytest.mark.parametrize('head', CHANNELS)
@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_a_head_that_is_not_finite_is_refused_and_named(head: str, value: float) -> None:
    wrong = arrays()
    wrong[head][5, 1, 2] = value
    with pytest.raises(HeadsError, match=f'{head} contains NaN or infinity'):
        Heads(**wrong, output_stride=16)
