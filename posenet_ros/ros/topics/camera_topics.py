"""The topics of a camera of a node."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rclpy.node import Node

from posenet_ros.errors import SettingError
from posenet_ros.messages.topic_names import (
    check_topics_differ,
    COMPRESSED,
    COMPRESSED_DEPTH,
    TopicNames,
)
from posenet_ros.ros.topics.given_topics import named_topics, TopicSettings
from posenet_ros.ros.topics.person_frames import person_frame_prefixes, TF_TOPIC
from posenet_ros.ros.topics.qos import TopicEnd
from posenet_ros.ros.topics.topic import is_remapped, Topic, topic_of


@dataclass(frozen=True)
class CameraTopics:
    """The topics of one camera of a node."""

    #: Of type sensor_msgs/CompressedImage if `compressed`, else sensor_msgs/Image.
    image: Topic
    camera_info: Topic
    poses: Topic
    poses_smoothed: Topic
    #: None if people are not located in metres.
    poses_3d: Topic | None
    pose_markers: Topic
    image_annotated: Topic
    image_annotated_compressed: Topic
    #: Not published if foxglove_msgs is not installed.
    annotations: Topic
    compressed: bool
    #: Of type sensor_msgs/CompressedImage if `depth_compressed`, else sensor_msgs/Image; None if
    #: the camera has no depth.
    depth: Topic | None = None
    #: Where the frames of people are published; None if they are not.
    tf: Topic | None = None
    #: Whether the node itself subscribes to `tf`, too: once, to know where the ground is.
    tf_is_received: bool = False
    #: What the names of these frames start with, before the track id.
    person_frame_prefix: str = ''

    @property
    def depth_compressed(self) -> bool:
        """Return whether the depth images are those of the transport compressedDepth."""
        return self.depth is not None and self.depth.resolved.endswith(COMPRESSED_DEPTH)

    @property
    def resolved(self) -> TopicNames:
        """Return the full names, as ROS reports them."""
        return TopicNames(
            image=self.image.resolved,
            camera_info=self.camera_info.resolved,
            poses=self.poses.resolved,
            poses_smoothed=self.poses_smoothed.resolved,
            poses_3d='' if self.poses_3d is None else self.poses_3d.resolved,
            pose_markers=self.pose_markers.resolved,
            image_annotated=self.image_annotated.resolved,
            image_annotated_compressed=self.image_annotated_compressed.resolved,
            annotations=self.annotations.resolved,
            compressed=self.compressed,
            depth='' if self.depth is None else self.depth.resolved,
        )

    @property
    def ends(self) -> dict[str, TopicEnd]:
        """Return the node's end of each topic, by the topic's full name."""
        names = self.resolved
        inputs = filter(None, (names.image, names.camera_info, names.depth))
        ends: dict[str, TopicEnd] = dict.fromkeys(inputs, 'subscription')
        outputs = (*names.outputs, *([self.tf.resolved] if self.tf else []))
        return ends | dict.fromkeys(outputs, 'publisher')


def topics_of(node: Node, names: TopicNames) -> CameraTopics:
    """
    Return the topics that a node means by the names of a camera's topics.

    A topic that is remapped itself gets that name. Any other topic but depth is in the namespace
    of the image topic that the node subscribes to, even if only that one is remapped. As in
    image_transport, the name of a compressed topic is derived from that of its raw topic.
    """
    image, compressed = _image_topic(node, names)
    namespace = image.resolved.removesuffix(COMPRESSED).rpartition('/')[0]

    def beside(name: str) -> Topic:
        own = name.rpartition('/')[2]
        return topic_of(node, name if is_remapped(node, name) else f'{namespace}/{own}')

    annotated = beside(names.image_annotated)
    return CameraTopics(
        image=image,
        camera_info=beside(names.camera_info),
        poses=beside(names.poses),
        poses_smoothed=beside(names.poses_smoothed),
        poses_3d=beside(names.poses_3d) if names.poses_3d else None,
        pose_markers=beside(names.pose_markers),
        image_annotated=annotated,
        image_annotated_compressed=_compressed_topic(
            node, names.image_annotated_compressed, raw=annotated.resolved
        ),
        annotations=beside(names.annotations),
        compressed=compressed,
        depth=topic_of(node, names.depth) if names.depth else None,
    )


def _image_topic(node: Node, names: TopicNames) -> tuple[Topic, bool]:
    """Return the image topic, and whether its images are compressed."""
    raw = topic_of(node, names.image.removesuffix(COMPRESSED))
    if names.compressed and not raw.resolved.endswith(COMPRESSED):
        return _compressed_topic(node, names.image, raw=raw.resolved), True
    return raw, raw.resolved.endswith(COMPRESSED)


def _compressed_topic(node: Node, name: str, *, raw: str) -> Topic:
    """Return the compressed topic of that name; `raw` is the resolved name of its raw topic."""
    return topic_of(node, name if is_remapped(node, name) else raw + COMPRESSED)


def camera_topics(node: Node, settings: TopicSettings) -> list[CameraTopics]:
    """
    Return the topics of all cameras.

    Raises SettingError if a name is not a valid topic name, if the numbers of topics differ (see
    `named_topics`), if the resolved topics conflict (see `check_topics_differ`), or if there would
    be frames of people, but no camera has poses_3d.
    """
    named = named_topics(
        settings.image_topics,
        image_transport=settings.image_transport,
        depth_topics=settings.depth_topics,
        ground=settings.ground,
    )
    cameras = [topics_of(node, camera) for camera in named]
    resolved = [camera.resolved for camera in cameras]
    check_topics_differ(list(zip(named, resolved, strict=True)))
    if not settings.person_frames:
        return cameras
    return _with_person_frames(node, cameras, tf_is_received=settings.ground)


def _with_person_frames(
    node: Node, cameras: Sequence[CameraTopics], *, tf_is_received: bool
) -> list[CameraTopics]:
    """Return the topics of cameras, of which those with poses_3d publish frames of people."""
    if not any(camera.poses_3d for camera in cameras):
        raise SettingError(
            'person_frames is true, but no camera has positions in metres: set depth_topics or '
            'ground_frame, or set person_frames to false'
        )
    tf = topic_of(node, TF_TOPIC)
    prefixes = person_frame_prefixes([camera.image.resolved for camera in cameras])
    return [
        replace(camera, tf=tf, tf_is_received=tf_is_received, person_frame_prefix=prefix)
        if camera.poses_3d
        else camera
        for camera, prefix in zip(cameras, prefixes, strict=True)
    ]
