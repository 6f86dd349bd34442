from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
import pytest

from posenet_ros.spatial.position_smoothing import PositionSmoother
from posenet_ros.spatial.positions import Pose3D
from posenet_ros.tracking.tracking_settings import TrackingSettings

Array = NDArray[np.float64]

SETTINGS = TrackingSettings()
WRIST = 9


def pose(z: float, *, track_id: int = 1, unknown: tuple[int, ...] = ()) -> Pose3D:
    """Return a person whose points are all at one depth."""
    positions = np.full((17, 3), z)
    positions[list(unknown)] = np.nan
    return Pose3D(0.8, positions, np.full(17, 0.9, np.float32), np.full(3, z), track_id)


def update(
    smoother: PositionSmoother,
    poses: list[Pose3D],
    stamp: float,
    *,
    settings: TrackingSettings = SETTINGS,
    image_size: tuple[int, int] = (480, 640),
) -> list[Pose3D]:
    return smoother.update(poses, stamp=stamp, image_size=image_size, settings=settings)


def test_noise_of_a_still_person_is_reduced_to_0_4_at_30_hz() -> None:
    smoother = PositionSmoother()
    noise: Array = np.random.default_rng(0).normal(0, 0.015, 300)
    found = [update(smoother, [pose(2 + one)], number / 30)[0] for number, one in enumerate(noise)]
    smooth = np.array([one.positions[WRIST, 2] for one in found[60:]])
    bodies = np.array([one.body[2] for one in found[60:]])
    assert smooth.std() < 0.4 * noise.std()
    assert bodies.std() < 0.4 * noise.std()


def test_a_walking_person_is_followed_within_10_cm() -> None:
    smoother = PositionSmoother()
    for number in range(60):
        z = 5 - 1.4 * number / 30
        (found,) = update(smoother, [pose(z)], number / 30)
    assert abs(found.body[2] - z) < 0.1


def test_an_unknown_position_stays_unknown_and_does_not_pull() -> None:
    smoother = PositionSmoother()
    update(smoother, [pose(2.0)], 0.0)
    (found,) = update(smoother, [pose(2.0, unknown=(WRIST,))], 0.1)
    assert np.isnan(found.positions[WRIST]).all()
    assert np.isfinite(found.positions[WRIST + 1]).all()
    (again,) = update(smoother, [pose(2.0)], 0.2)
    np.testing.assert_allclose(again.positions[WRIST], 2.0)


def test_with_hold_an_unknown_position_stays_where_it_was_with_a_falling_score() -> None:
    smoother, settings = PositionSmoother(), TrackingSettings(smoothing_hold=True)
    update(smoother, [pose(2.0)], 0.0, settings=settings)
    (held,) = update(smoother, [pose(3.0, unknown=(WRIST,))], 0.5, settings=settings)
    np.testing.assert_allclose(held.positions[WRIST], 2.0)
    assert held.keypoint_scores[WRIST] == pytest.approx(0.45)


def test_a_position_that_was_unknown_for_long_starts_anew() -> None:
    smoother = PositionSmoother()
    update(smoother, [pose(2.0)], 0.0)
    for tenth in range(1, 15):
        update(smoother, [pose(2.0, unknown=(WRIST,))], tenth / 10)
    (found,) = update(smoother, [pose(3.0)], 1.5)
    assert found.positions[WRIST, 2] == 3.0
    assert found.positions[WRIST + 1, 2] < 3.0


def test_people_keep_their_filters_when_their_order_changes() -> None:
    smoother = PositionSmoother()
    update(smoother, [pose(2.0, track_id=1), pose(4.0, track_id=2)], 0.0)
    second, first = update(smoother, [pose(4.0, track_id=2), pose(2.0, track_id=1)], 0.1)
    assert (first.body[2], second.body[2]) == (2.0, 4.0)


def test_people_without_an_id_stay_as_they_are() -> None:
    smoother = PositionSmoother()
    update(smoother, [pose(2.0, track_id=1)], 0.0)
    stranger = pose(7.0, track_id=0)
    found = update(smoother, [stranger, pose(2.5, track_id=1)], 0.1)
    assert found[0] is stranger
    assert found[1].body[2] < 2.5
    assert len(smoother) == 1


@pytest.mark.parametrize(('stamp', 'size'), [(5.0, (480, 640)), (10.1, (240, 320))])
def test_filters_start_anew_when_another_recording_or_image_size_begins(
    stamp: float, size: tuple[int, int]
) -> None:
    smoother = PositionSmoother()
    update(smoother, [pose(2.0)], 10.0)
    (found,) = update(smoother, [pose(4.0)], stamp, image_size=size)
    assert found.body[2] == 4.0


def test_people_who_are_not_found_any_more_are_forgotten() -> None:
    smoother = PositionSmoother()
    update(smoother, [pose(2.0)], 0.0)
    update(smoother, [], 0.5)
    assert len(smoother) == 1
    update(smoother, [], 1.5)
    assert len(smoother) == 0


def test_what_is_passed_does_not_change() -> None:
    smoother = PositionSmoother()
    settings = TrackingSettings(smoothing_hold=True)
    update(smoother, [pose(2.0)], 0.0, settings=settings)
    given = replace(pose(3.0, unknown=(WRIST,)))
    update(smoother, [given], 0.3, settings=settings)
    assert given.positions[0, 0] == 3.0
    assert given.keypoint_scores[WRIST] == np.float32(0.9)
