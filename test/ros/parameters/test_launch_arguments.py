"""Arguments of the launch file: from strings to checked values."""

from pathlib import Path
from typing import Any

import pytest

from posenet_ros.errors import SettingError
from posenet_ros.ros.parameters.launch_arguments import (
    check_camera_frame,
    check_namespace,
    check_node_name,
    check_params_file,
    describe_unused_driver,
    to_bool,
    to_image_topics,
    to_log_level,
    to_parameters,
)

QOS = 'qos_overrides./image_raw.subscription.reliability'


@pytest.mark.parametrize(
    ('text', 'values'),
    [
        ('', {}),
        (' ', {}),
        ('{}', {}),
        ('{score_threshold: 0.4}', {'score_threshold': 0.4}),
        ('{nms_radius: 30, lazy: false}', {'nms_radius': 30, 'lazy': False}),
        ('output_stride: 8', {'output_stride': 8}),
        ('{input_size: 257x257, model: mobilenet_v1_100}',
         {'input_size': '257x257', 'model': 'mobilenet_v1_100'}),
        ("{input_size: ''}", {'input_size': ''}),
        (f'{{{QOS}: reliable}}', {QOS: 'reliable'}),
        ('{qos_overrides: {/image_raw: {subscription: {reliability: reliable}}}}',
         {QOS: 'reliable'}),
    ],
)  # fmt: skip
def test_parameters_are_a_yaml_mapping(text: str, values: dict[str, Any]) -> None:
    assert to_parameters(text) == values


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('{score_threshold: 7}', 'score_threshold is 7; choose 0.0 to 1.0'),
        ('{score_threshold: high}', "score_threshold is 'high', expected a number"),
        ('{score_threshold: }', 'score_threshold is None, expected a number'),
        ('{output_stride: 8.5}', 'output_stride is 8.5, expected a whole number'),
        ('{output_stride: 12}', 'output_stride is 12; choose one of 8, 16, 32'),
        ('{lazy: maybe}', "lazy is 'maybe', expected true or false"),
        ("{input_size: '257'}", "input_size is '257', expected HEIGHTxWIDTH"),
        ('{image_transport: h264}', "'h264'; choose one of raw, compressed"),
        ('{score_threshold: {}}', 'score_threshold is {}, expected a number'),
        (f'{{{QOS}: {{}}}}', 'is {}, expected a single value'),
        (f'{{{QOS}: [1]}}', r'is \[1\], expected a single value'),
    ],
)
def test_a_value_that_the_node_would_refuse_is_refused_with_the_same_message(
    text: str, reason: str
) -> None:
    with pytest.raises(SettingError, match=reason):
        to_parameters(text)


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('{scor_threshold: 1}', r"'scor_threshold' \(did you mean score_threshold\?\)"),
        ('{colour: red}', "unknown names: 'colour'; see docs/parameters.md"),
        ('{score_threshold:0.4}', 'write a space after each colon'),
        ('{scor_threshold: {}}', "unknown names: 'scor_threshold'"),
        ('{a: {b: {}}}', "unknown names: 'a.b'"),
        ('{1: 2}', "unknown names: '1'"),
        ('{image_topics: [/a/image]}', 'write image_topics:=VALUE instead'),
        ('{use_sim_time: true}', 'write use_sim_time:=VALUE instead'),
    ],
)
def test_an_unknown_name_is_refused_with_the_remedy(text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        to_parameters(text)


@pytest.mark.parametrize(
    'text',
    ['score_threshold', '[lazy]', '{', '&a {lazy: *a}', '[' * 10_000, '!!timestamp x', '{[]: 1}',
     '{lazy: 2001-99-99}'],
)  # fmt: skip
def test_text_other_than_a_yaml_mapping_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(
        SettingError, match='expected a YAML mapping, such as parameters:='
    ) as info:
        to_parameters(text)
    assert '\n' not in str(info.value)
    assert len(str(info.value)) < 200


@pytest.mark.parametrize('text', ['{output_stride: 32}', '{precision: float16}'])
def test_combinations_are_checked_by_the_node_which_also_reads_the_parameter_file(
    text: str,
) -> None:
    assert len(to_parameters(text)) == 1


@pytest.mark.parametrize(
    ('text', 'topics'),
    [
        ('[/a/image, /b/image]', ['/a/image', '/b/image']),
        ("['/a/image']", ['/a/image']),
        ('/camera/image_raw', ['/camera/image_raw']),
    ],
)
def test_image_topics_are_a_list_or_one_topic(text: str, topics: list[str]) -> None:
    assert to_image_topics(text, image_transport='raw') == topics


@pytest.mark.parametrize(
    ('text', 'reason'),
    [
        ('[/a', r"image_topics is '\[/a', expected a list"),
        ('[1, 2]', r'image_topics is \[1, 2\], expected a list'),
        ('[]', 'image_topics is empty'),
        ('[/a/left, /a/right]', 'would both publish'),
        ('[/bad name/x]', "'/bad name/x', which is not a valid topic name"),
    ],
)
def test_image_topics_that_the_node_would_refuse_are_refused(text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        to_image_topics(text, image_transport='raw')


def test_image_topics_are_checked_with_the_transport() -> None:
    assert to_image_topics('/a/poses', image_transport='compressed')
    with pytest.raises(SettingError, match="'/a/poses'"):
        to_image_topics('/a/poses', image_transport='raw')


@pytest.mark.parametrize(
    'text', ['&a [*a]', '[&a [*a]]', '[' * 10_000, '!!timestamp x', '[2001-99-99]']
)
def test_hostile_yaml_is_a_wrong_setting(text: str) -> None:
    with pytest.raises(SettingError, match='image_topics'):
        to_image_topics(text, image_transport='raw')


@pytest.mark.parametrize('text', ['true', 'True', 'TRUE', 'false', 'False', 'FALSE'])
def test_an_argument_that_is_true_or_false_can_be_written_in_any_case(text: str) -> None:
    assert to_bool('rviz', text) is (text.lower() == 'true')


@pytest.mark.parametrize('text', ['', '1', 'yes', 'maybe'])
def test_any_other_text_is_neither_true_nor_false(text: str) -> None:
    with pytest.raises(SettingError, match=f"rviz is '{text}', expected true or false"):
        to_bool('rviz', text)


def test_a_log_level_can_be_written_in_any_case() -> None:
    assert [to_log_level(text) for text in ('debug', 'WARN', 'Fatal')] == [
        'debug',
        'warn',
        'fatal',
    ]


@pytest.mark.parametrize('text', ['', 'verbose', 'warning'])
def test_an_unknown_log_level_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(SettingError, match=f"log_level is '{text}'; choose one of debug, info"):
        to_log_level(text)


def test_a_parameter_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    file = tmp_path / 'posenet.yaml'
    file.touch()
    for valid in ('', str(file)):
        check_params_file(valid)
    for path in ('/nowhere.yaml', '/'):
        with pytest.raises(SettingError, match=f"params_file is '{path}', which is not a file"):
            check_params_file(path)


@pytest.mark.parametrize('name', ['', '1st', 'a b', 'a/b'])
def test_a_name_that_is_not_valid_is_refused_with_the_rule(name: str) -> None:
    check_node_name('posenet_1')
    with pytest.raises(SettingError, match=f"name is '{name}': .*must not"):
        check_node_name(name)


@pytest.mark.parametrize('frame', ['', ' '])
def test_an_empty_frame_is_refused(frame: str) -> None:
    check_camera_frame('camera')
    with pytest.raises(SettingError, match=f"camera_frame is '{frame}'"):
        check_camera_frame(frame)


@pytest.mark.parametrize('namespace', ['a b', '/a/', '1st'])
def test_a_namespace_that_is_not_valid_is_refused_with_the_rule(namespace: str) -> None:
    for valid in ('', '/', 'robot', '/robot/front'):
        check_namespace(valid)
    with pytest.raises(SettingError, match=f"namespace is '{namespace}': .*must not"):
        check_namespace(namespace)


@pytest.mark.parametrize(
    ('namespace', 'topic'),
    [
        ('/', 'image_raw'),
        ('/', '/image_raw'),
        ('/', 'image_raw/compressed'),
        ('/robot', 'image_raw'),
        ('/robot', '/robot/image_raw'),
    ],
)
def test_a_driver_whose_images_the_node_uses_causes_no_message(namespace: str, topic: str) -> None:
    topics = ['/other/image', topic]
    assert describe_unused_driver('usb', 'image_raw', topics, namespace=namespace) == ''


@pytest.mark.parametrize('topic', ['/camera/image_raw', 'camera/image_raw', '/image_raw'])
def test_a_driver_whose_images_the_node_does_not_use_is_named_with_its_topic(topic: str) -> None:
    message = describe_unused_driver('usb', 'image_raw', [topic], namespace='/robot')
    assert message.startswith('camera:=usb publishes /robot/image_raw')
    assert f"image_topics is ['{topic}']" in message
    assert 'remove image_topics' in message
