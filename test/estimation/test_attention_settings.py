import pytest

from posenet_ros.errors import SettingError
from posenet_ros.estimation.attention_settings import AttentionSettings


def test_the_default_is_the_whole_image_as_in_the_reference() -> None:
    assert AttentionSettings().attention == 'whole_image'


@pytest.mark.parametrize(
    'setting',
    [
        {'attention': 'nothing'},
        {'search_interval': -0.1},
        {'max_regions': 0},
        {'region_size': 32},
        {'region_size': 2049},
    ],
    ids=str,
)
def test_values_out_of_range_are_refused(setting: dict[str, str | int | float]) -> None:
    (name,) = setting
    with pytest.raises(SettingError, match=name):
        AttentionSettings(**setting)  # type: ignore[arg-type]
