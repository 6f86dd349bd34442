"""How far heads are from others."""

from gpu_checks.correctness.head_differences import differences
import numpy as np

from posenet_ros.posenet.heads import CHANNELS, Heads


def heads(*, score: float, offset: tuple[float, float] = (0, 0)) -> Heads:
    """Return heads with one likely cell, for the first part, with an offset (y, x)."""
    arrays = {name: np.zeros((count, 2, 3), np.float32) for name, count in CHANNELS.items()}
    arrays['heatmap_scores'][0, 1, 2] = score
    arrays['offsets'][0, 1, 2], arrays['offsets'][17, 1, 2] = offset
    arrays['offsets'][3] = offset[0]  # of a part that no cell is likely to be
    return Heads(**arrays, output_stride=16)


def test_scores_differ_anywhere_and_offsets_where_the_reference_is_likely() -> None:
    assert differences(heads(score=0.75), heads(score=0.5, offset=(3, 4))) == {
        'max_score_difference': 0.25,
        'median_offset_px': 5,
        'max_offset_px': 5,
    }


def test_without_a_likely_cell_no_offsets_are_compared() -> None:
    found = differences(heads(score=0.25), heads(score=0.25, offset=(3, 4)))
    assert (found['median_offset_px'], found['max_offset_px']) == (None, None)
