"""
Conversion of annotations to messages for Foxglove.

The package foxglove_msgs is optional: there is no wheel of it, and only those who use Foxglove
need it.
"""

from dataclasses import fields, is_dataclass
from typing import Any

from std_msgs.msg import Header

from posenet_ros.drawing.image_annotations import ImageAnnotations

try:
    import foxglove_msgs.msg as foxglove
except ImportError:
    foxglove = None

#: The type of the messages, foxglove_msgs/ImageAnnotations; None if that is not installed.
ANNOTATIONS_TYPE: Any = foxglove.ImageAnnotations if foxglove else None


def to_image_annotations(annotations: ImageAnnotations, header: Header) -> Any:
    """
    Return a foxglove_msgs/ImageAnnotations with the stamp of an image; it needs foxglove_msgs.

    Every message that has a field `timestamp` gets the stamp: older releases of foxglove_msgs have
    it in each annotation, newer ones also for all of them, which matters without annotations.
    """
    return _to_message(annotations, header.stamp)


def _to_message(value: Any, stamp: Any) -> Any:
    """Return a dataclass as the message of the same name, and a tuple as a list of messages."""
    if isinstance(value, tuple):
        return [_to_message(one, stamp) for one in value]
    if not is_dataclass(value):
        return value
    values = {
        field.name: _to_message(getattr(value, field.name), stamp) for field in fields(value)
    }
    message = getattr(foxglove, type(value).__name__)(**values)
    if hasattr(message, 'timestamp'):
        message.timestamp = stamp
    return message
