"""Arguments of the launch file: from strings to checked parameters."""

from typing import Any

import pytest

from posenet_ros.errors import SettingError
from posenet_ros.ros.parameters.launch_arguments import (
    check_parameters,
    describe_arguments,
    to_bool,
    to_parameters,
)
from posenet_ros.ros.parameters.parameter_table import PARAMETERS
from posenet_ros.settings import rows

ROWS = [row for group in PARAMETERS for row in rows(group)]


def test_there_is_an_argument_for_every_parameter_with_its_description_and_range() -> None:
    described = describe_arguments()
    assert list(described) == [row.name for row in ROWS]
    for row in ROWS:
        assert described[row.name].startswith(row.description)
        assert row.range_text in described[row.name]
        assert described[row.name].endswith('If empty, the value in params_file is used.')


@pytest.mark.parametrize(
    ('name', 'text', 'value'),
    [
        ('input_size', '257x257', '257x257'),
        ('model', 'mobilenet_v1_100', 'mobilenet_v1_100'),
        ('output_stride', '8', 8),
        ('nms_radius', '30', 30.0),
        ('score_threshold', '4e-1', 0.4),
        ('lazy', 'false', False),
        ('lazy', 'True', True),
        ('image_topics', '[/a/image, /b/image]', ['/a/image', '/b/image']),
        ('image_topics', "['/a/image']", ['/a/image']),
        ('image_topics', '/camera/image_raw', ['/camera/image_raw']),
    ],
)
def test_a_string_is_converted_to_the_type_of_its_parameter(
    name: str, text: str, value: Any
) -> None:
    (found,) = to_parameters({name: text}).values()
    assert (found, type(found)) == (value, type(value))
    check_parameters({name: found})


def test_empty_arguments_and_those_that_are_not_parameters_are_left_out() -> None:
    assert to_parameters({'model': '', 'rviz': 'true', 'lazy': 'true'}) == {'lazy': True}


@pytest.mark.parametrize(
    ('name', 'text', 'reason'),
    [
        ('score_threshold', '7', 'score_threshold is 7.0; choose 0.0 to 1.0'),
        ('score_threshold', 'high', "score_threshold is 'high', expected a number"),
        ('output_stride', '8.5', "output_stride is '8.5', expected a whole number"),
        ('output_stride', '12', 'output_stride is 12; choose one of 8, 16, 32'),
        ('lazy', 'maybe', "lazy is 'maybe', expected true or false"),
        ('input_size', '257', "input_size is '257', expected HEIGHTxWIDTH"),
        ('image_transport', 'h264', "'h264'; choose one of raw, compressed"),
        ('image_topics', '[/a', r"image_topics is '\[/a', expected a list"),
        ('image_topics', '[1, 2]', r'image_topics is \[1, 2\], expected a list'),
        ('image_topics', '[]', 'image_topics is empty'),
        ('image_topics', '[/a/left, /a/right]', 'would both publish'),
        ('image_topics', '[/bad name/x]', "'/bad name/x', which is not a valid topic name"),
    ],
)
def test_a_value_that_the_node_would_refuse_is_refused_with_the_same_message(
    name: str, text: str, reason: str
) -> None:
    with pytest.raises(SettingError, match=reason):
        check_parameters(to_parameters({name: text}))


@pytest.mark.parametrize('arguments', [{'output_stride': '32'}, {'precision': 'float16'}])
def test_combinations_are_checked_by_the_node_which_also_reads_the_parameter_file(
    arguments: dict[str, str],
) -> None:
    check_parameters(to_parameters(arguments))


def test_topics_are_checked_with_the_transport_of_the_arguments() -> None:
    topics = {'image_topics': '/a/poses'}
    check_parameters(to_parameters({**topics, 'image_transport': 'compressed'}))
    with pytest.raises(SettingError, match="'/a/poses'"):
        check_parameters(to_parameters({**topics, 'image_transport': 'raw'}))


@pytest.mark.parametrize(
    'text', ['&a [*a]', '[&a [*a]]', '[' * 10_000, '!!timestamp x', '[2001-99-99]']
)
def test_hostile_yaml_is_a_wrong_setting(text: str) -> None:
    with pytest.raises(SettingError, match='image_topics'):
        check_parameters(to_parameters({'image_topics': text}))


@pytest.mark.parametrize('text', ['true', 'True', 'TRUE', 'false', 'False', 'FALSE'])
def test_an_argument_that_is_true_or_false_can_be_written_in_any_case(text: str) -> None:
    assert to_bool('rviz', text) is (text.lower() == 'true')


@pytest.mark.parametrize('text', ['', '1', 'yes', 'maybe'])
def test_any_other_text_is_neither_true_nor_false(text: str) -> None:
    with pytest.raises(SettingError, match=f"rviz is '{text}', expected true or false"):
        to_bool('rviz', text)
