from made_bags import header
import pytest

from posenet_ros.messages.stamps import nanoseconds_of, stamp_of


def test_a_stamp_is_in_nanoseconds_or_seconds() -> None:
    taken = header(1_500_000_000)
    assert (nanoseconds_of(taken), stamp_of(taken)) == (1_500_000_000, 1.5)


@pytest.mark.parametrize('nanoseconds', [0, -1, -5_000_000_000])
def test_a_stamp_that_is_zero_or_negative_is_none(nanoseconds: int) -> None:
    taken = header(nanoseconds)
    assert nanoseconds_of(taken) == nanoseconds
    assert stamp_of(taken) is None
