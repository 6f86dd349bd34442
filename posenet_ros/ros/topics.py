"""Names and qualities of the topics of a camera."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

from posenet_ros.errors import SettingError

#: For images, in and out: the newest counts, and none is sent twice.
IMAGE_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)

#: For poses, which are small and wanted by every subscriber.
POSES_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)


@dataclass(frozen=True)
class CameraTopics:
    """The topics of one camera, as names that the node resolves and remaps."""

    image: str
    poses: str
    image_annotated: str

    def resolved(self, node: Node) -> 'CameraTopics':
        """Return the names as a node sees them: in its namespace, and remapped."""
        return CameraTopics(*map(node.resolve_topic_name, astuple(self)))


def topics_beside(image_topic: str) -> CameraTopics:
    """Return the topics of a camera: the outputs stand in the namespace of its images."""
    namespace, slash, _ = image_topic.rpartition('/')
    beside = f'{namespace}{slash}'
    return CameraTopics(
        image=image_topic,
        poses=f'{beside}poses',
        image_annotated=f'{beside}image_annotated',
    )


def check_topics_differ(resolved: Mapping[CameraTopics, CameraTopics]) -> None:
    """
    Check the topics of all cameras, as they were named and as they are resolved.

    Raises SettingError when there is no camera, when two would publish on one topic, or when one
    would take in what another publishes.
    """
    if not resolved:
        raise SettingError('image_topics is empty: name at least one image topic')
    cameras: dict[str, str] = {}
    for named, topics in resolved.items():
        if topics.poses in cameras:
            raise SettingError(
                f'image_topics {cameras[topics.poses]!r} and {named.image!r} are in one '
                f'namespace: both would publish {topics.poses}; give each camera a namespace of '
                'its own'
            )
        cameras[topics.poses] = named.image
    outputs = {topics.image_annotated for topics in resolved.values()} | cameras.keys()
    for named, topics in resolved.items():
        if topics.image in outputs:
            raise SettingError(
                f'image_topics {named.image!r} is published by this node itself: name the topic '
                'of a camera'
            )
