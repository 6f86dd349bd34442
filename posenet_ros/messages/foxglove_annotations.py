"""Conversion of annotations to messages for Foxglove."""

from dataclasses import fields, is_dataclass
from typing import Any

from posenet_ros.drawing.image_annotations import ImageAnnotations
from posenet_ros.messages.message_types import Header


def to_image_annotations(annotations: ImageAnnotations, header: Header, *, types: Any) -> Any:
    """
    Return a foxglove_msgs/ImageAnnotations with the stamp of an image.

    `types` has the types of messages: `foxglove_msgs.msg`, or those of another library. Every
    message that has a field `timestamp` gets the stamp: older releases of foxglove_msgs have it in
    each annotation, newer ones also for all of them, which matters without annotations.
    """
    return _to_message(annotations, header.stamp, types)


def _to_message(value: Any, stamp: Any, types: Any) -> Any:
    """Return a dataclass as the message of the same name, and a tuple as a list of messages."""
    if isinstance(value, tuple):
        return [_to_message(one, stamp, types) for one in value]
    if not is_dataclass(value):
        return value
    values = {
        field.name: _to_message(getattr(value, field.name), stamp, types)
        for field in fields(value)
    }
    message = getattr(types, type(value).__name__)(**values)
    if hasattr(message, 'timestamp'):
        message.timestamp = stamp
    return message
