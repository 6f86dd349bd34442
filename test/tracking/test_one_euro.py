import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.tracking.one_euro import Filtered, no_filters

SCORES = np.ones((1, 17), np.float32)


def step(
    filters: Filtered, position: float, stamp: float, *, score: float = 1.0, beta: float = 0.0
) -> float:
    """Filter one position of all keypoints; return the filtered one."""
    filters.step(
        np.full((2, 1, 17), position),
        SCORES * np.float32(score),
        seen=np.ones((1, 17), bool),
        stamp=stamp,
        sizes=[100.0],
        max_age=1.0,
        min_cutoff=0.5,
        beta=beta,
    )
    return float(filters.positions[0, 0, 0])


def deviations(rate: float) -> tuple[float, float]:
    """Return the standard deviations of noise and of what the filter makes of it."""
    noise: NDArray[np.float64] = np.random.default_rng(0).normal(0, 0.5, 400)
    filters = no_filters(1)
    found = [step(filters, one, number / rate, beta=8.0) for number, one in enumerate(noise)]
    return float(noise[50:].std()), float(np.std(found[50:]))


def test_the_first_position_passes() -> None:
    assert step(no_filters(1), 123.0, 5.0) == 123


def test_noise_at_rest_is_reduced_to_0_4_at_30_hz() -> None:
    raw, filtered = deviations(30)
    assert filtered < 0.4 * raw


def test_a_fast_keypoint_is_followed_with_little_lag() -> None:
    filters = no_filters(1)
    found = [step(filters, 10.0 * number, number / 30, beta=8.0) for number in range(30)]
    # 300 px in a second: 35 ms are 10.5 px.
    assert 10 * 29 - found[-1] < 10.5


def test_a_doubtful_position_pulls_less() -> None:
    moves = []
    for score in (0.4, 0.9):
        filters = no_filters(1)
        step(filters, 0.0, 0.0)
        moves.append(step(filters, 10.0, 0.1, score=score))
    assert 0 < moves[0] < 0.6 * moves[1]


def test_a_filter_starts_anew_after_the_maximum_age() -> None:
    filters = no_filters(1)
    step(filters, 0.0, 0.0)
    assert step(filters, 50.0, 1.1) == 50


def test_a_second_position_at_the_same_time_changes_nothing() -> None:
    filters = no_filters(1)
    step(filters, 1.0, 0.0)
    assert step(filters, 50.0, 0.0) == 1
    assert np.isfinite(filters.velocities).all()


def test_filters_of_people_can_be_added_and_removed() -> None:
    filters = no_filters(1)
    step(filters, 7.0, 0.0)
    more = filters.with_more(2)
    assert more.positions.shape == (2, 3, 17)
    assert more.only([0]).positions[0, 0, 0] == pytest.approx(7)


def test_three_coordinates_of_any_number_of_points_are_filtered_alike() -> None:
    filters = no_filters(2, axes=3, points=5)
    for number in range(3):
        filters.step(
            np.full((3, 2, 5), 2.0 * number),
            np.ones((2, 5), np.float32),
            seen=np.ones((2, 5), bool),
            stamp=number / 10,
            sizes=[0.9, 0.9],
            max_age=1.0,
            min_cutoff=0.5,
            beta=8.0,
        )
    assert filters.positions.shape == filters.velocities.shape == (3, 2, 5)
    assert filters.stamps.shape == filters.scores.shape == (2, 5)
    assert np.ptp(filters.positions) == 0
    assert 2 < filters.positions[0, 0, 0] < 4
    assert filters.with_more(1).positions.shape == (3, 3, 5)
