"""What is written for the images of a camera: one row for each output topic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from posenet_ros.attention.observation import ObservationSettings
from posenet_ros.bags.bag_image import TrackedImage
from posenet_ros.bags.storage.foxglove_types import IMAGE_ANNOTATIONS
from posenet_ros.bags.storage.message_types import MessageTypes, name_of
from posenet_ros.drawing.image_annotations import image_annotations
from posenet_ros.messages.foxglove_annotations import to_image_annotations
from posenet_ros.messages.pose_arrays import to_pose_array
from posenet_ros.messages.topic_names import TopicNames


@dataclass(frozen=True, eq=False)
class Output:
    """An output topic of a camera."""

    topic: str
    #: The full name of the type of its messages, such as posenet_ros/msg/PoseArray.
    message_type: str
    #: Converts an image to a message of that type.
    convert: Callable[[TrackedImage], Any]


def outputs_of(
    names: TopicNames, types: MessageTypes, settings: ObservationSettings, *, annotations: bool
) -> list[Output]:
    """Return the outputs of a camera with these topics, with or without annotations."""
    poses = Output(
        names.poses,
        name_of('PoseArray'),
        lambda image: to_pose_array(image.poses, image.header, image.size, types=types),
    )
    if not annotations:
        return [poses]
    return [
        poses,
        Output(
            names.annotations,
            IMAGE_ANNOTATIONS,
            lambda image: _annotations(image, types, settings),
        ),
    ]


def _annotations(image: TrackedImage, types: MessageTypes, settings: ObservationSettings) -> Any:
    """Return what Foxglove draws onto an image as the camera sent it."""
    poses = image.poses
    if settings.poses.flip_horizontal:
        poses = [pose.mirrored(image.size[1]) for pose in poses]
    annotations = image_annotations(poses, image.size, tracked=settings.tracking.tracking)
    return to_image_annotations(annotations, image.header, types=types.foxglove)
