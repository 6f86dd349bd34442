"""Mistakes in setting parameters, which rclpy does not report."""

import os
from pathlib import Path

import pytest

from posenet_ros.ros.parameters.parameter_mistakes import (
    describe_other_files,
    describe_unknown,
    describe_unused_overrides,
)

NAMES = ['score_threshold', 'nms_radius']
ENDS = {'/image_raw': 'subscription', '/poses': 'publisher'}


def test_an_unknown_parameter_is_named_with_the_nearest_known_one() -> None:
    (message,) = describe_unknown(['scor_threshold'], NAMES)
    assert "'scor_threshold' (did you mean score_threshold?)" in message


def test_a_name_like_no_other_is_named_alone() -> None:
    (message,) = describe_unknown(['colour'], NAMES)
    assert message.endswith("'colour'")


def test_all_unknown_parameters_are_in_one_message() -> None:
    (message,) = describe_unknown(['colour', 'nms_radius', 'nms'], NAMES)
    assert "'colour', 'nms'" in message


def test_known_parameters_and_qos_overrides_are_not_unknown() -> None:
    qos = 'qos_overrides./image_raw.subscription.reliability'
    assert list(describe_unknown(['nms_radius', qos], NAMES)) == []


def test_the_message_about_unknown_parameters_is_short() -> None:
    (message,) = describe_unknown([f'{number}\n' * 1000 for number in range(1000)], NAMES)
    assert message.endswith('and 990 more')
    assert len(message) < 1000
    assert '\n' not in message


@pytest.mark.parametrize(
    ('given', 'meant'),
    [
        ('/image_rw.subscription.reliability', '/image_raw.subscription.reliability'),
        ('image_raw.subscription.reliability', '/image_raw.subscription.reliability'),
        ('/image_raw.subscription.relaibility', '/image_raw.subscription.reliability'),
        ('/image_raw.publisher.depth', '/image_raw.subscription.depth'),
        ('/poses.depth', '/poses.publisher.depth'),
        ('/poses.publisher_1.durability', '/poses.publisher.durability'),
    ],
)
def test_a_qos_override_without_effect_is_named_with_the_nearest_one(
    given: str, meant: str
) -> None:
    (message,) = describe_unused_overrides([f'qos_overrides.{given}'], ENDS)
    assert f"'qos_overrides.{given}' (did you mean qos_overrides.{meant}?)" in message


@pytest.mark.parametrize(
    'given', ['/camera.publisher.depth', '/poses.publisher.deadline', '/poses']
)
def test_a_qos_override_like_no_other_is_named_alone(given: str) -> None:
    (message,) = describe_unused_overrides([f'qos_overrides.{given}'], ENDS)
    assert message.endswith(f"'qos_overrides.{given}'")


def test_qos_overrides_of_the_nodes_topics_are_no_mistakes() -> None:
    used = [
        'qos_overrides./poses.publisher.history',
        'qos_overrides./image_raw.subscription.depth',
    ]
    assert list(describe_unused_overrides([*used, 'nms'], ENDS)) == []


def messages(folder: Path, content: str) -> list[str]:
    """Return the messages about a parameter file for the node /robot/posenet."""
    file = folder / 'parameters.yaml'
    file.write_text(content)
    arguments = ['posenet_node', '--ros-args', '-r', '__ns:=/robot', '--params-file', str(file)]
    return list(describe_other_files(arguments, '/robot/posenet'))


@pytest.mark.parametrize(
    'section',
    ['/**', '/robot/posenet', 'robot/posenet', '/*/posenet', '/**/posenet', '**/posenet', '/*/*'],
)
def test_a_file_with_a_section_for_the_node_is_no_mistake(tmp_path: Path, section: str) -> None:
    other = 'camera: {ros__parameters: {rate: 1}}'
    assert messages(tmp_path, f'{{{other}, {section}: {{ros__parameters: {{lazy: true}}}}}}') == []


def test_namespaces_can_be_levels_of_the_file(tmp_path: Path) -> None:
    assert messages(tmp_path, 'robot: {posenet: {ros__parameters: {lazy: true}}}') == []


@pytest.mark.parametrize('section', ['/posenet', 'posenet', '/*', '/robot/camera', '/*/camera'])
def test_a_file_without_a_section_for_the_node_is_named_with_its_sections(
    tmp_path: Path, section: str
) -> None:
    (message,) = messages(tmp_path, f'{{{section}: {{ros__parameters: {{lazy: true}}}}}}')
    assert 'parameters.yaml' in message
    assert f"only for: '/{section.lstrip('/')}'" in message
    assert 'name a section /robot/posenet or /**' in message


def test_an_empty_file_has_no_section(tmp_path: Path) -> None:
    (message,) = messages(tmp_path, '')
    assert 'no node' in message


@pytest.mark.parametrize('content', ['[', '[' * 10_000, '{[]: 1}', '\x00', 'a: &a {b: *a}'])
def test_a_file_that_cannot_be_read_as_yaml_is_left_to_rcl(tmp_path: Path, content: str) -> None:
    assert len(messages(tmp_path, content)) <= 1


def test_a_pipe_is_not_read_again(tmp_path: Path) -> None:
    # As in: --params-file <(generate parameters). rcl has read it to its end.
    pipe = tmp_path / 'pipe'
    os.mkfifo(pipe)
    assert list(describe_other_files(['--params-file', str(pipe)], '/posenet')) == []


def test_a_file_that_is_gone_is_no_mistake() -> None:
    assert list(describe_other_files(['--params-file', '/nowhere.yaml'], '/posenet')) == []
