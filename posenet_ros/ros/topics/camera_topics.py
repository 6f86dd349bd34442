"""Names and qualities of the topics of a camera."""

from collections.abc import Sequence
from dataclasses import dataclass

from rclpy.exceptions import NameValidationException
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.validate_topic_name import validate_topic_name

from posenet_ros.errors import SettingError

#: For images, in and out: the newest counts, and none is sent twice.
IMAGE_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)

#: For poses and what is made of them, which are small and wanted by every subscriber.
POSES_QOS = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)

# How image_transport names the compressed form of an image topic.
_COMPRESSED = '/compressed'


@dataclass(frozen=True)
class CameraTopics:
    """The topics of one camera, as names that the node resolves and remaps."""

    #: Of sensor_msgs/Image, or of CompressedImage when `compressed`.
    image: str
    camera_info: str
    poses: str
    pose_markers: str
    image_annotated: str
    image_annotated_compressed: str
    compressed: bool

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of all topics that are published."""
        return (
            self.poses,
            self.pose_markers,
            self.image_annotated,
            self.image_annotated_compressed,
        )

    @property
    def rectified(self) -> bool:
        """Tell whether the images are rectified, as image_proc names those that are."""
        name = self.image.removesuffix(_COMPRESSED).rpartition('/')[2]
        return name.startswith('image_rect')

    def resolved(self, node: Node) -> 'CameraTopics':
        """
        Return the names as a node sees them: in its namespace, and remapped.

        As with image_transport, the name of a compressed topic follows that of its raw topic.
        """
        image = node.resolve_topic_name(self.image.removesuffix(_COMPRESSED))
        compressed = self.compressed or image.endswith(_COMPRESSED)
        annotated = node.resolve_topic_name(self.image_annotated)
        return CameraTopics(
            image=image.removesuffix(_COMPRESSED) + _COMPRESSED if compressed else image,
            camera_info=node.resolve_topic_name(self.camera_info),
            poses=node.resolve_topic_name(self.poses),
            pose_markers=node.resolve_topic_name(self.pose_markers),
            image_annotated=annotated,
            image_annotated_compressed=annotated + _COMPRESSED,
            compressed=compressed,
        )


def topics_beside(image_topic: str, *, image_transport: str = 'raw') -> CameraTopics:
    """
    Return the topics of a camera: the outputs stand in the namespace of its images.

    With the image_transport `compressed` the images are taken from <image_topic>/compressed, as
    from a topic that is named so itself; the outputs stand where those of the raw topic would.
    """
    base = image_topic.removesuffix(_COMPRESSED)
    compressed = image_transport == 'compressed' or base != image_topic
    namespace, slash, _ = base.rpartition('/')
    beside = f'{namespace}{slash}'
    return CameraTopics(
        image=base + _COMPRESSED if compressed else base,
        camera_info=f'{beside}camera_info',
        poses=f'{beside}poses',
        pose_markers=f'{beside}pose_markers',
        image_annotated=f'{beside}image_annotated',
        image_annotated_compressed=f'{beside}image_annotated{_COMPRESSED}',
        compressed=compressed,
    )


def camera_topics(node: Node, names: Sequence[str], *, image_transport: str) -> list[CameraTopics]:
    """
    Return the topics of the cameras with these image topics.

    Raises SettingError for a name that ROS refuses, and for cameras in each other's way once their
    topics are resolved.
    """
    cameras = named_topics(names, image_transport=image_transport)
    check_topics_differ([(camera, camera.resolved(node)) for camera in cameras])
    return cameras


def named_topics(names: Sequence[str], *, image_transport: str) -> list[CameraTopics]:
    """
    Return the topics of the cameras with these image topics, as they are named.

    Raises SettingError for a name that ROS refuses.
    """
    for name in names:
        try:
            validate_topic_name(name)
        except NameValidationException as error:
            reason = str(error).partition('\n')[0]
            raise SettingError(f'image_topics {name!r} is refused by ROS: {reason}') from error
    return [topics_beside(name, image_transport=image_transport) for name in names]


def check_topics_differ(resolved: Sequence[tuple[CameraTopics, CameraTopics]]) -> None:
    """
    Check the topics of all cameras, each as it was named and as it is resolved.

    Raises SettingError when there is no camera, when two would publish on one topic, or when one
    would take in what another publishes.
    """
    if not resolved:
        raise SettingError('image_topics is empty: name at least one image topic')
    cameras: dict[str, str] = {}
    for named, topics in resolved:
        if topics.poses in cameras:
            raise SettingError(
                f'image_topics {cameras[topics.poses]!r} and {named.image!r} are in one '
                f'namespace: both would publish {topics.poses}; give each camera a namespace of '
                'its own'
            )
        cameras[topics.poses] = named.image
    outputs = {output for _, topics in resolved for output in topics.outputs}
    for named, topics in resolved:
        if topics.image in outputs:
            raise SettingError(
                f'image_topics {named.image!r} is published by this node itself: name the topic '
                'of a camera'
            )
