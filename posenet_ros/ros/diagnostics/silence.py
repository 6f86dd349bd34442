"""Detection of silent cameras, and of the cause."""

from typing import Literal

from rclpy.node import Node

from posenet_ros.ros.topics.camera_topics import CameraTopics
from posenet_ros.ros.topics.hosts import publisher_places


class SilenceWatch:
    """Reports once when the images of a camera stop, and once when they are back."""

    def __init__(self) -> None:
        """Start with a camera that is not silent."""
        self._silent = False

    def update(self, *, silent: bool) -> Literal['silent', 'back'] | None:
        """Return what has changed if the camera is now silent or not; None if nothing has."""
        if silent == self._silent:
            return None
        self._silent = silent
        return 'silent' if silent else 'back'


def silence_cause(node: Node, topics: CameraTopics, *, loses_images: bool) -> str:
    """
    Return why no image arrives on a camera's image topic, as far as the ROS graph shows.

    With `loses_images`, the middleware has just reported lost images.
    """
    publishers = topics.image.publishers(node)
    if not publishers:
        return 'nobody publishes this topic (check its name, and that the camera driver runs)'
    expected = f'sensor_msgs/msg/{"CompressedImage" if topics.compressed else "Image"}'
    others = {one.topic_type for one in publishers} - {expected}
    if others:
        return (
            f'the topic has the type {", ".join(sorted(others))}, expected {expected} '
            '(see the parameter image_transport)'
        )
    if loses_images:
        return (
            'the camera publishes, but every image gets lost (README, "Lost images" and '
            '"Camera on another host")'
        )
    if publisher_places(node, topics.image) == {'elsewhere'}:
        return (
            'the topic has a publisher on another host, but no complete image arrives (check the '
            'camera; README, "Camera on another host")'
        )
    return (
        'the topic has a publisher, but it sends nothing (check the camera, and that it runs as '
        'the same user as this node: README, "Lost images")'
    )
