import pytest

from posenet_ros.ros.topics import middleware
from posenet_ros.ros.topics.middleware import is_fast_dds


@pytest.mark.parametrize(
    ('identifier', 'expected'),
    [
        ('rmw_fastrtps_cpp', True),
        ('rmw_fastrtps_dynamic_cpp', True),
        ('rmw_cyclonedds_cpp', False),
        ('rmw_zenoh_cpp', False),
    ],
)
def test_fast_dds_is_known_by_the_name_of_its_rmw(
    monkeypatch: pytest.MonkeyPatch, identifier: str, expected: bool
) -> None:
    monkeypatch.setattr(middleware, 'get_rmw_implementation_identifier', lambda: identifier)
    assert is_fast_dds() is expected
