"""Settings declared as parameters of a node."""

from dataclasses import dataclass

from parameter_nodes import open_node
import pytest
from rclpy.parameter import Parameter

from posenet_ros.errors import SettingError
from posenet_ros.ros.parameters.declaration import declare_settings
from posenet_ros.settings import Group, setting


@dataclass(frozen=True, kw_only=True)
class Settings(Group):
    """One setting of each kind."""

    name: str = setting('lens', 'Its name.')
    mode: str = setting('fast', 'Its mode.', choices=('fast', 'slow'))
    rate: float = setting(2.5, 'Its rate.', minimum=0.5, maximum=9.0)
    count: int = setting(3, 'Its count.', minimum=1, maximum=9)
    topics: list[str] = setting(['image'], 'Its topics.')
    others: list[str] = setting([], 'Its other topics.')


def test_without_parameters_the_settings_have_their_defaults() -> None:
    with open_node() as node:
        assert declare_settings(node, Settings) == Settings()


def test_an_empty_list_is_a_list_of_strings() -> None:
    with open_node() as node:
        declare_settings(node, Settings)
        assert node.get_parameter('others').type_ == Parameter.Type.STRING_ARRAY
        described = node.describe_parameter('others').type
        assert described == Parameter.Type.STRING_ARRAY.value


@pytest.mark.parametrize(
    ('parameter', 'expected'),
    [
        ('rate:=4', Settings(rate=4.0)),
        ('name:=0', Settings(name='0')),
        ('topics:=[]', Settings(topics=[])),
        ('topics:=/front/image', Settings(topics=['/front/image'])),
        ('others:=[]', Settings(others=[])),
        ("others:=['', /front/depth]", Settings(others=['', '/front/depth'])),
    ],
)
def test_a_value_of_another_type_gets_the_type_of_the_default_if_its_meaning_is_clear(
    parameter: str, expected: Settings
) -> None:
    name = parameter.partition(':')[0]
    value = getattr(expected, name)
    with open_node(parameter) as node:
        settings = declare_settings(node, Settings)
        assert node.get_parameter(name).value == value
    assert settings == expected
    assert type(getattr(settings, name)) is type(value)


@pytest.mark.parametrize(
    ('parameter', 'reason'),
    [
        ('rate:=9.5', 'rate is 9.5; choose 0.5 to 9.0'),
        ('count:=high', "count is 'high', expected a whole number"),
        ('mode:=late', "mode is 'late'; choose one of fast, slow"),
        ('topics:=[1, 2]', 'topics is'),
        ('topics:=1', 'topics is 1, expected a list of strings'),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_the_reason(
    parameter: str, reason: str
) -> None:
    with open_node(parameter) as node, pytest.raises(SettingError, match=reason):
        declare_settings(node, Settings)


def test_descriptors_have_the_description_and_range_of_the_setting() -> None:
    with open_node() as node:
        declare_settings(node, Settings)
        rate, count, mode = (node.describe_parameter(name) for name in ('rate', 'count', 'mode'))
    assert (rate.description, count.description) == ('Its rate.', 'Its count.')
    (rates,) = rate.floating_point_range
    assert (rates.from_value, rates.to_value) == (0.5, 9.0)
    (counts,) = count.integer_range
    assert (counts.from_value, counts.to_value, counts.step) == (1, 9, 1)
    assert mode.additional_constraints == 'one of fast, slow'


def test_other_defaults_apply_to_parameters_that_the_user_did_not_set() -> None:
    with open_node('count:=4') as node:
        settings = declare_settings(node, Settings, defaults={'count': 5, 'rate': 1.5, 'x': 1})
        assert node.get_parameter('rate').value == 1.5
        assert node.get_parameter('count').value == 4
    assert settings == Settings(count=4, rate=1.5)


@pytest.mark.parametrize('changeable', [False, True])
def test_only_changeable_parameters_can_be_set_later(changeable: bool) -> None:
    with open_node() as node:
        declare_settings(node, Settings, changeable=changeable)
        (result,) = node.set_parameters([Parameter('count', value=4)])
        assert result.successful == changeable
        assert node.get_parameter('count').value == (4 if changeable else 3)


def test_a_value_of_another_type_is_refused_later() -> None:
    with open_node('rate:=4') as node:
        declare_settings(node, Settings, changeable=True)
        (result,) = node.set_parameters([Parameter('rate', value='fast')])
    assert not result.successful
