"""What is written for the images of a camera: one row for each output topic."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from posenet_ros.bags.bag_image import TrackedImage
from posenet_ros.bags.storage.message_types import MessageTypes, name_of
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


def outputs_of(names: TopicNames, types: MessageTypes) -> list[Output]:
    """Return the outputs of a camera with these topics."""
    return [
        Output(
            names.poses,
            name_of('PoseArray'),
            lambda image: to_pose_array(image.poses, image.header, image.size, types=types),
        ),
    ]
