"""Names and qualities of the topics of a camera."""

from collections.abc import Iterable
from dataclasses import dataclass

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


def topics_beside(image_topic: str) -> CameraTopics:
    """Return the topics of a camera: the outputs stand in the namespace of its images."""
    namespace, slash, _ = image_topic.rpartition('/')
    beside = f'{namespace}{slash}'
    return CameraTopics(
        image=image_topic,
        poses=f'{beside}poses',
        image_annotated=f'{beside}image_annotated',
    )


def check_outputs_differ(resolved: Iterable[tuple[str, str]]) -> None:
    """
    Check (image topic, resolved poses topic) of all cameras.

    Raises SettingError when there is no camera, or when two would publish on one topic.
    """
    cameras: dict[str, str] = {}
    for image, poses in resolved:
        if poses in cameras:
            raise SettingError(
                f'image_topics {cameras[poses]!r} and {image!r} are in one namespace: both would '
                f'publish {poses}; give each camera a namespace of its own'
            )
        cameras[poses] = image
    if not cameras:
        raise SettingError('image_topics is empty: name at least one image topic')
