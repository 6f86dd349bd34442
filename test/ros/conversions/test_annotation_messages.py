"""The fields of annotations, and the real messages if foxglove_msgs is installed."""

from dataclasses import fields
from typing import Any

from builtin_interfaces.msg import Time
from made_poses import pose_at
import pytest
from rclpy.serialization import deserialize_message
from std_msgs.msg import Header

from posenet_ros.bags.storage.message_types import load_message_types
from posenet_ros.drawing import image_annotations as plain
from posenet_ros.drawing.image_annotations import image_annotations
from posenet_ros.messages import foxglove_annotations
from posenet_ros.ros.conversions.annotation_messages import to_image_annotations

# The fields of foxglove_msgs 3.4.3 (foxglove/foxglove-sdk, ros/src/foxglove_msgs/ros2).
FIELDS = {
    'Color': {'r', 'g', 'b', 'a'},
    'Point2': {'x', 'y'},
    'PointsAnnotation': {
        'timestamp', 'type', 'points', 'outline_color', 'outline_colors', 'fill_color',
        'thickness', 'metadata',
    },
    'TextAnnotation': {
        'timestamp', 'position', 'text', 'font_size', 'text_color', 'background_color', 'metadata',
    },
    'ImageAnnotations': {'timestamp', 'circles', 'points', 'texts', 'metadata'},
}  # fmt: skip
# What our dataclasses leave at its default.
LEFT_OUT = {'timestamp', 'outline_colors', 'metadata', 'circles'}
STAMP = Time(sec=3, nanosec=4)


@pytest.mark.parametrize('name', list(FIELDS))
def test_the_dataclasses_have_the_fields_of_the_messages(name: str) -> None:
    ours = {field.name for field in fields(getattr(plain, name))}
    assert ours == FIELDS[name] - LEFT_OUT


def test_a_message_has_all_values_and_the_stamp_of_the_image() -> None:
    foxglove = pytest.importorskip(
        'foxglove_msgs.msg', reason='foxglove_msgs is missing: there is no wheel of it'
    )
    annotations = image_annotations([pose_at(300, track_id=4)], (480, 640), tracked=True)
    message = to_image_annotations(annotations, Header(stamp=STAMP))
    assert isinstance(message, foxglove.ImageAnnotations)
    assert (len(message.points), len(message.texts), len(message.circles)) == (2, 1, 0)
    for sent, made in zip(message.points, annotations.points, strict=True):
        assert sent.type == made.type
        assert [(one.x, one.y) for one in sent.points] == [(one.x, one.y) for one in made.points]
        assert sent.outline_color.r == sent.fill_color.r == made.outline_color.r
        assert sent.thickness == made.thickness
    (text,) = message.texts
    assert (text.text, text.font_size) == ('4', annotations.texts[0].font_size)
    assert text.position.x == annotations.texts[0].position.x
    assert text.background_color.a == annotations.texts[0].background_color.a
    assert all(one.timestamp == STAMP for one in (*message.points, *message.texts))
    assert getattr(message, 'timestamp', STAMP) == STAMP  # older releases do not have it


def test_the_message_in_a_bag_is_that_of_the_node() -> None:
    pytest.importorskip(
        'foxglove_msgs.msg', reason='foxglove_msgs is missing: there is no wheel of it'
    )
    annotations = image_annotations([pose_at(300, track_id=4)], (480, 640), tracked=True)
    types, stamped = load_message_types(), Header(stamp=STAMP)
    if not hasattr(to_image_annotations(annotations, stamped), 'metadata'):
        pytest.skip('this release of foxglove_msgs has other fields')
    stamp = types.store.types['builtin_interfaces/msg/Time'](sec=STAMP.sec, nanosec=STAMP.nanosec)
    recorded: Any = types.store.types['std_msgs/msg/Header'](stamp=stamp, frame_id='')
    written = types.to_bytes(
        foxglove_annotations.to_image_annotations(annotations, recorded, types=types.foxglove)
    )
    sent = to_image_annotations(annotations, stamped)
    assert deserialize_message(bytes(written), type(sent)) == sent


def test_the_constants_of_the_points_are_those_of_the_message() -> None:
    foxglove = pytest.importorskip(
        'foxglove_msgs.msg', reason='foxglove_msgs is missing: there is no wheel of it'
    )
    assert foxglove.PointsAnnotation.POINTS == plain.POINTS
    assert foxglove.PointsAnnotation.LINE_LIST == plain.LINE_LIST
