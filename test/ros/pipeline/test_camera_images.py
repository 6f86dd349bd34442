import pytest

from posenet_ros.ros.pipeline.camera_images import stamp_latency

SECOND = 10**9


@pytest.mark.parametrize('latency', [0.0, 0.04, 3600.0])
def test_the_latency_is_the_time_since_the_stamp(latency: float) -> None:
    published = 5000 * SECOND
    assert stamp_latency(published - round(latency * SECOND), published) == latency


@pytest.mark.parametrize(
    ('stamp', 'published'),
    [(0, SECOND), (2 * SECOND, SECOND), (SECOND, 3602 * SECOND)],
    ids=['zero', 'in the future', 'over an hour ago'],
)
def test_a_stamp_that_is_zero_or_from_another_clock_gives_no_latency(
    stamp: int, published: int
) -> None:
    assert stamp_latency(stamp, published) is None
