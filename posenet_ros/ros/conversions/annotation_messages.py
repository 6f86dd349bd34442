"""
Conversion of annotations to messages for Foxglove.

The package foxglove_msgs is optional: there is no wheel of it, and only those who use Foxglove
need it.
"""

from typing import Any

from std_msgs.msg import Header

from posenet_ros.drawing.image_annotations import ImageAnnotations
from posenet_ros.messages import foxglove_annotations

try:
    import foxglove_msgs.msg as foxglove
except ImportError:
    foxglove = None

#: The type of the messages, foxglove_msgs/ImageAnnotations; None if that is not installed.
ANNOTATIONS_TYPE: Any = foxglove.ImageAnnotations if foxglove else None


def to_image_annotations(annotations: ImageAnnotations, header: Header) -> Any:
    """Return a message with the stamp of an image; it needs foxglove_msgs."""
    return foxglove_annotations.to_image_annotations(annotations, header, types=foxglove)
