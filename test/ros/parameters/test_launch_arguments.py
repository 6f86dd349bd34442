"""Arguments of the launch file, as texts, and what the node itself makes of a parameter file."""

from pathlib import Path
from typing import Any

import pytest
import rclpy
from rclpy.context import Context
from rclpy.node import Node
from ros_graph import DOMAIN

from posenet_ros.errors import SettingError
from posenet_ros.ros.parameters.launch_arguments import (
    check_parameters,
    describe_arguments,
    read_parameter_file,
    to_parameters,
)
from posenet_ros.ros.parameters.parameters import PARAMETERS
from posenet_ros.settings import rows

ROWS = [row for group in PARAMETERS for row in rows(group)]


def test_there_is_an_argument_for_every_parameter_with_its_description_and_range() -> None:
    described = describe_arguments()
    assert list(described) == [row.name for row in ROWS]
    for row in ROWS:
        assert described[row.name].startswith(row.description)
        assert row.range_text in described[row.name]
        assert described[row.name].endswith('Empty: as in params_file')


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
def test_a_text_becomes_a_value_of_its_parameters_type(name: str, text: str, value: Any) -> None:
    (found,) = to_parameters({name: text}).values()
    assert (found, type(found)) == (value, type(value))
    check_parameters({name: found})


def test_an_empty_text_and_what_is_no_parameter_are_left_out() -> None:
    assert to_parameters({'model': '', 'rviz': 'true', 'lazy': 'true'}) == {'lazy': True}


@pytest.mark.parametrize(
    ('name', 'text', 'complaint'),
    [
        ('score_threshold', '7', 'score_threshold is 7.0, choose 0.0 to 1.0'),
        ('score_threshold', 'high', "score_threshold is 'high', expected a number"),
        ('output_stride', '8.5', "output_stride is '8.5', expected a whole number"),
        ('output_stride', '32', 'mobilenet_v1_075 has no output stride 32'),
        ('lazy', 'maybe', "lazy is 'maybe', expected true or false"),
        ('input_size', '257', "input_size is '257', expected HEIGHTxWIDTH"),
        ('image_transport', 'h264', "'h264', choose one of raw, compressed"),
        ('image_topics', '[/a', r"image_topics is '\[/a', expected a list"),
        ('image_topics', '[1, 2]', r'image_topics is \[1, 2\], expected a list'),
        ('image_topics', '[]', 'image_topics is empty'),
        ('image_topics', '[/a/left, /a/right]', 'are in one namespace'),
        ('image_topics', '[/bad name/x]', "'/bad name/x' is refused by ROS"),
    ],
)
def test_a_bad_text_is_refused_in_the_words_of_the_table(
    name: str, text: str, complaint: str
) -> None:
    with pytest.raises(SettingError, match=complaint):
        check_parameters(to_parameters({name: text}))


def test_an_argument_is_checked_together_with_the_parameter_file() -> None:
    check_parameters({'model': 'mobilenet_v1_100', **to_parameters({'output_stride': '32'})})


FILE = """
/**: {ros__parameters: {value: any}}
/*: {ros__parameters: {value: in the root}}
/**/posenet: {ros__parameters: {value: of that name}}
posenet: {ros__parameters: {value: of the root}}
/robot/*: {ros__parameters: {value: in the robot}}
robot:
  front: {posenet: {ros__parameters: {value: of the front}}}
  rear: {other: {ros__parameters: {value: of no node}}}
/robot/**/deep: {ros__parameters: {value: deep}}
"""


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('/posenet', 'of the root'),
        ('/other', 'in the root'),
        ('/robot/posenet', 'in the robot'),
        ('/robot/front/posenet', 'of the front'),
        ('/robot/rear/posenet', 'of that name'),
        ('/robot/rear/another', 'any'),
        ('/robot/a/b/deep', 'deep'),
    ],
)
def test_a_parameter_file_says_to_a_node_what_rclpy_reads(
    tmp_path: Path, name: str, value: str
) -> None:
    path = tmp_path / 'parameters.yaml'
    path.write_text(FILE)
    assert read_parameter_file(path, name) == {'value': value}
    namespace, _, node_name = name.rpartition('/')
    context = Context()
    rclpy.init(args=['--ros-args', '--params-file', str(path)], context=context, domain_id=DOMAIN)
    node = Node(node_name, namespace=namespace, context=context)
    assert node.declare_parameter('value', '').value == value
    node.destroy_node()
    context.shutdown()


def test_a_file_without_parameters_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / 'empty.yaml'
    path.write_text('# nothing\n')
    assert read_parameter_file(path, '/posenet') == {}


@pytest.mark.parametrize('content', [None, 'a: [', '\x00'])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / 'posenet.yaml'
    if content is not None:
        path.write_text(content)
    with pytest.raises(SettingError, match=r"params_file '.*posenet\.yaml' cannot be read"):
        read_parameter_file(path, '/posenet')
