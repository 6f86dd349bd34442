"""The figures of the stages from an image to its poses."""

from gpu_checks.speed.image_stages import describe_stages, shares
import pytest

TIMES = {
    'sampling': [1.0, 2.0, 9.0],
    'upload': [1.0, 1.0, 1.0],
    'session': [4.0, 4.0, 5.0],
    'download': [0.5, 0.5, 0.5],
    'decoding': [1.5, 1.5, 1.5],
    'image_to_poses': [10.0, 10.0, 30.0],
    'gpu': [3.0, 3.5, 4.0],
}


def test_stages_have_medians_and_the_rest_is_what_the_whole_takes_more() -> None:
    row = describe_stages(TIMES)
    assert (row['sampling'], row['session'], row['gpu']) == (2, 4, 3.5)
    assert row['other'] == 10 - (2 + 1 + 4 + 0.5 + 1.5)
    assert (row['session_p95'], row['image_to_poses_p95']) == (4.9, 28)
    assert row['rounds'] == 3


def test_without_events_the_time_of_the_gpu_is_not_known() -> None:
    times = {name: values for name, values in TIMES.items() if name != 'gpu'}
    assert describe_stages(times)['gpu'] is None


def test_the_shares_of_all_stages_and_the_rest_are_100_percent() -> None:
    percent = shares(describe_stages(TIMES))
    assert percent['session'] == 40
    assert sum(percent.values()) == pytest.approx(100)
